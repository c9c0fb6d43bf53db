/** Reads the outcome of a real rollout from its workflow history, exported by Temporal's Web UI or CLI. */
import { z } from 'zod';
import { outcomes } from '../../plan/outcome.js';
import { dataError } from '../data/data-error.js';
import { outcomeOf, recordedVerdict, type RecordedOutcome, type Report } from './recorded-outcome.js';

/** Base64, or decoded by the Web UI. */
const payload = z.union([
  z.looseObject({ metadata: z.looseObject({ encoding: z.string() }), data: z.string().optional() }),
  z.unknown(),
]);
const result = z.looseObject({ payloads: z.array(payload).default([]) }).nullish();
const id = z.union([z.string(), z.number()]);
const event = z.looseObject({
  eventId: id,
  eventTime: z.iso.datetime(),
  activityTaskScheduledEventAttributes: z
    .looseObject({ activityType: z.looseObject({ name: z.string() }) })
    .optional(),
  activityTaskCompletedEventAttributes: z.looseObject({ scheduledEventId: id, result }).optional(),
  workflowExecutionCompletedEventAttributes: z.looseObject({ result }).optional(),
});

const report = z.looseObject({ kind: z.string(), verdicts: z.array(recordedVerdict) });
const ending = z.looseObject({ outcome: z.enum(outcomes), reason: z.string() });

/** Throws DataError. */
export function outcomeFromHistory(events: unknown[], file: string): RecordedOutcome {
  const activities = new Map<string, string>();
  const reports: Report[] = [];
  let ended = null;
  for (const [i, given] of events.entries()) {
    const parsed = event.safeParse(given);
    const path = `events[${i}]`;
    if (!parsed.success) {
      const message = parsed.error.issues[0]?.message ?? 'The entry is not a history event.';
      throw dataError({ file, line: null, path }, null, 'an event with eventId and eventTime', message);
    }
    const { eventId, eventTime: at, ...attributes } = parsed.data;
    const scheduled = attributes.activityTaskScheduledEventAttributes;
    if (scheduled) activities.set(String(eventId), scheduled.activityType.name);
    const completed = attributes.activityTaskCompletedEventAttributes;
    if (completed && activities.get(String(completed.scheduledEventId)) === 'watchTraffic') {
      reports.push({ at, ...decode(completed.result, report, file, path) });
    }
    const closed = attributes.workflowExecutionCompletedEventAttributes;
    if (closed) ended = { ...decode(closed.result, ending, file, path), at };
  }
  return outcomeOf('history', reports, ended);
}

function decode<T>(given: z.infer<typeof result>, schema: z.ZodType<T>, file: string, path: string): T {
  const [first] = given?.payloads ?? [];
  const parsed = schema.safeParse(plainOf(first));
  if (parsed.success) return parsed.data;
  const message = 'The payload cannot be read; it may be encrypted. Export the decoded history.';
  throw dataError({ file, line: null, path }, null, 'plain JSON of a rollout', message);
}

function plainOf(given: unknown): unknown {
  const { metadata, data } = (given ?? {}) as { metadata?: unknown; data?: unknown };
  if (metadata === undefined || typeof data !== 'string') return given;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
