import { operation } from '../http/operation.js';
import { modelled } from '../service-model/modelled.js';
import type { AccountState } from '../account/account-state.js';
import { groupNameOf, invalidParameter, positionIn, streamsOfGroup } from './find-streams.js';
import type { LogStream } from './log-store.js';
import type { DescribeLogStreamsRequest } from './requests.js';

const maximumPageSize = 50;

export const describeLogStreams = operation(
  'DescribeLogStreams',
  modelled<DescribeLogStreamsRequest>(),
  (request, { account }) => {
    const { logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false } = request;
    if (orderBy === 'LastEventTime' && logStreamNamePrefix !== '') {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const direction = descending ? -1 : 1;
    const sortKey = (stream: LogStream) =>
      orderBy === 'LogStreamName' ? stream.name : (stream.events.at(-1)?.at ?? 0);
    const matching = streamsOfGroup(account, request)
      .filter(({ name }) => name.startsWith(logStreamNamePrefix))
      .sort((a, b) => direction * (sortKey(a) < sortKey(b) ? -1 : 1));
    const from = positionIn(request.nextToken, 0);
    const to = from + (request.limit ?? maximumPageSize);
    return {
      logStreams: matching.slice(from, to).map((each) => view(account, groupNameOf(request), each)),
      ...(to < matching.length ? { nextToken: String(to) } : {}),
    };
  },
);

function view(account: AccountState, group: string, { name, createdAt, events }: LogStream) {
  const { region, account: id } = account.options;
  const last = events.at(-1)?.at;
  return {
    logStreamName: name,
    creationTime: createdAt,
    firstEventTimestamp: events[0]?.at,
    lastEventTimestamp: last,
    lastIngestionTime: last,
    arn: `arn:aws:logs:${region}:${id}:log-group:${group}:log-stream:${name}`,
    storedBytes: 0,
  };
}
