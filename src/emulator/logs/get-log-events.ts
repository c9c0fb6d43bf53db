import { operation } from '../http/operation.js';
import { modelled } from '../service-model/modelled.js';
import { positionIn, streamsOfGroup, throwNotFound } from './find-streams.js';
import type { LogEvent, LogStream } from './log-store.js';
import type { GetLogEventsRequest } from './requests.js';

const maximumPageSize = 10_000;

/**
 * Reads forwards with startFromHead or a forward token, otherwise backwards. At the end of the stream, the token is that of
 * the request (botocore, GetLogEvents), so a client can wait for further events.
 */
export const getLogEvents = operation(
  'GetLogEvents',
  modelled<GetLogEventsRequest>(),
  (request, { account }) => {
    const stream =
      streamsOfGroup(account, request).find(({ name }) => name === request.logStreamName) ??
      throwNotFound('The specified log stream does not exist.');
    const { nextToken, limit = maximumPageSize } = request;
    const forwards = nextToken === undefined ? (request.startFromHead ?? false) : nextToken.startsWith('f/');
    const positions = matchingPositions(stream, request);
    const end = stream.dropped + stream.events.length;
    const from = positionIn(nextToken, forwards ? stream.dropped : end);
    const taken = forwards
      ? positions.filter((position) => position >= from).slice(0, limit)
      : positions.filter((position) => position < from).slice(-limit);
    const next = { forward: (taken.at(-1) ?? from - 1) + 1, backward: taken[0] ?? from };
    return {
      events: taken.map((position) => view(stream.events[position - stream.dropped])),
      nextForwardToken: `f/${next.forward}`,
      nextBackwardToken: `b/${next.backward}`,
    };
  },
);

/** Positions of the events in the requested time: the start is inclusive, the end exclusive. */
function matchingPositions(stream: LogStream, { startTime, endTime }: GetLogEventsRequest): number[] {
  return stream.events.flatMap(({ at }, index) =>
    at >= (startTime ?? -Infinity) && at < (endTime ?? Infinity) ? [stream.dropped + index] : [],
  );
}

function view(event: LogEvent | undefined) {
  return { timestamp: event?.at, message: event?.message, ingestionTime: event?.at };
}
