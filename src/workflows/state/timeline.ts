/** The timeline where there is no room for all of it: commands first, then what is young enough to be asked about. Pure. */
import { jsonBytes } from '../temporal/payload-size.js';
import type { TimelineEntry } from '../messages.js';

/** Evidence is most of an entry's size, and asked for while it is fresh. */
const withEvidence = 100;

/** Bytes of the brackets, and of the entry that says how many are gone. */
const around = 250;

/** Temporal takes no answer of more than 2 MiB, and encryption adds to it. */
const maxQueryBytes = 1_800_000;

/** What a query is answered. */
export function timelineForQuery(timeline: TimelineEntry[]): TimelineEntry[] {
  return jsonBytes(timeline) <= maxQueryBytes ? timeline : truncateTimeline(timeline, maxQueryBytes);
}

/** Fits into so many bytes of JSON. The first entry says how many are gone, those of former runs included. */
export function truncateTimeline(timeline: readonly TimelineEntry[], maxBytes: number): TimelineEntry[] {
  const former = timeline.find(isTruncation);
  const entries = timeline.filter((entry) => !isTruncation(entry)).map(withoutOldEvidence);
  const { kept: commands, left } = newestThatFit(entries.filter(isCommand), maxBytes - around);
  const { kept: others } = newestThatFit(
    entries.filter((entry) => !isCommand(entry)),
    left,
  );
  const kept = entries.filter((entry) => commands.has(entry) || others.has(entry));
  const omitted = entries.length - kept.length + (former?.omitted ?? 0);
  if (omitted === 0) return kept;
  const message = `left out of the timeline here: ${omitted} entries; the rollout's history has them`;
  return [{ at: former?.at ?? entries[0]?.at ?? '', kind: 'truncated', omitted, message }, ...kept];
}

/** Who did what, and why, is what people ask after weeks. */
function isCommand({ kind }: TimelineEntry): boolean {
  return kind === 'command';
}

function isTruncation(entry: TimelineEntry): entry is TimelineEntry & { kind: 'truncated' } {
  return entry.kind === 'truncated';
}

function withoutOldEvidence(entry: TimelineEntry, i: number, all: readonly TimelineEntry[]): TimelineEntry {
  return entry.kind === 'verdict' && i < all.length - withEvidence ? { ...entry, verdicts: [] } : entry;
}

/** As many as there is room for, and what is left of it. */
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
