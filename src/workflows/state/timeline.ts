/** Truncates a timeline: keeps commands first, then the newest entries. Pure. */
import { jsonBytes } from '../temporal/payload-size.js';
import type { TimelineEntry } from '../messages.js';

/** Entries that keep their evidence. Evidence is most of an entry's size, and operators need it only when it is new. */
const entriesWithEvidence = 100;

/** Bytes of the brackets and of the `truncated` entry. */
const overheadBytes = 250;

/** Temporal rejects a query result of more than 2 MiB, and encryption adds to its size. */
const maxQueryBytes = 1_800_000;

/** Result of the query `timeline`. */
export function timelineForQuery(timeline: TimelineEntry[]): TimelineEntry[] {
  return jsonBytes(timeline) <= maxQueryBytes ? timeline : truncateTimeline(timeline, maxQueryBytes);
}

/**
 * Fits the timeline into `maxBytes` of JSON. The first entry counts the omitted ones, including those of earlier
 * runs.
 */
export function truncateTimeline(timeline: readonly TimelineEntry[], maxBytes: number): TimelineEntry[] {
  const previous = timeline.find(isTruncation);
  const entries = timeline.filter((entry) => !isTruncation(entry)).map(withoutOldEvidence);
  const { kept: commands, left } = newestThatFit(entries.filter(isCommand), maxBytes - overheadBytes);
  const { kept: others } = newestThatFit(
    entries.filter((entry) => !isCommand(entry)),
    left,
  );
  const kept = entries.filter((entry) => commands.has(entry) || others.has(entry));
  const omitted = entries.length - kept.length + (previous?.omitted ?? 0);
  if (omitted === 0) return kept;
  const message = `${omitted} earlier entries omitted; see the workflow history`;
  return [{ at: previous?.at ?? entries[0]?.at ?? '', kind: 'truncated', omitted, message }, ...kept];
}

/** Commands stay longest: people still ask after weeks who did what, and why. */
function isCommand({ kind }: TimelineEntry): boolean {
  return kind === 'command';
}

function isTruncation(entry: TimelineEntry): entry is TimelineEntry & { kind: 'truncated' } {
  return entry.kind === 'truncated';
}

function withoutOldEvidence(entry: TimelineEntry, i: number, all: readonly TimelineEntry[]): TimelineEntry {
  return entry.kind === 'verdict' && i < all.length - entriesWithEvidence
    ? { ...entry, verdicts: [] }
    : entry;
}

/** `room`, `left`: bytes. */
function newestThatFit(entries: TimelineEntry[], room: number): { kept: Set<TimelineEntry>; left: number } {
  let left = room;
  let first = entries.length;
  for (const entry of entries.toReversed()) {
    const bytes = jsonBytes(entry) + ','.length;
    if (bytes > left) break;
    left -= bytes;
    first--;
  }
  return { kept: new Set(entries.slice(first)), left };
}
