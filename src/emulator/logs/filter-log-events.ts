import { operation } from '../http/operation.js';
import { type Validated, modelled } from '../service-model/modelled.js';
import { invalidParameter, positionIn, streamsOfGroup } from './find-streams.js';
import type { FilterLogEventsRequest } from './requests.js';

const maximumPageSize = 10_000;

/** Events of all selected streams in the order of time. */
export const filterLogEvents = operation(
  'FilterLogEvents',
  modelled<FilterLogEventsRequest>(),
  (request, { account }) => {
    if (request.logStreamNames && request.logStreamNamePrefix !== undefined) {
      throw invalidParameter('Specify only one of logStreamNames and logStreamNamePrefix.');
    }
    const matches = messageFilter(request.filterPattern ?? '');
    const { startTime = -Infinity, endTime = Infinity } = request;
    const matching = streamsOfGroup(account, request)
      .filter(({ name }) => isSelected(name, request))
      .flatMap(({ name, events, dropped }) =>
        events.map((event, index) => ({ ...event, stream: name, position: dropped + index })),
      )
      .filter(({ at, message }) => at >= startTime && at < endTime && matches(message))
      .sort((a, b) => a.at - b.at);
    const from = positionIn(request.nextToken, 0);
    const to = from + (request.limit ?? maximumPageSize);
    return {
      events: matching.slice(from, to).map(({ at, message, stream, position }) => ({
        logStreamName: stream,
        timestamp: at,
        message,
        ingestionTime: at,
        eventId: `${stream}/${position}`,
      })),
      searchedLogStreams: [],
      ...(to < matching.length ? { nextToken: String(to) } : {}),
    };
  },
);

function isSelected(
  name: string,
  { logStreamNames, logStreamNamePrefix = '' }: Validated<FilterLogEventsRequest>,
): boolean {
  return (logStreamNames?.includes(name) ?? true) && name.startsWith(logStreamNamePrefix);
}

/**
 * Patterns of terms (user guide of CloudWatch Logs, "Filter pattern syntax"): all terms must occur, `-term` must not, and
 * of several `?term` one is enough.
 */
function messageFilter(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]/.test(pattern)) {
    throw invalidParameter(`The filterPattern ${pattern} is not emulated: only terms are.`);
  }
  const terms = [...pattern.matchAll(/([-?]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, word]) => ({
    sign,
    text: quoted ?? word ?? '',
  }));
  const optional = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, text }) => sign === '?' || message.includes(text) === (sign !== '-')) &&
    (optional.length === 0 || optional.some(({ text }) => message.includes(text)));
}
