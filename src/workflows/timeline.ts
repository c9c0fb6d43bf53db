/** The timeline as a new run takes it on: commands first, and of the rest what is young enough to be asked about. Pure. */
import type { TimelineEntry } from './messages.js';

/** Evidence is most of an entry's size, and asked for while it is fresh. */
const withEvidence = 100;

const opening = 'left out of the timeline here: ';

/** Fits into so many characters of JSON. The first entry says how many are gone, those of former runs included. */
export function shorten(timeline: readonly TimelineEntry[], mostCharacters: number): TimelineEntry[] {
  const former = timeline.find(isSummary);
  const entries = timeline.filter((entry) => !isSummary(entry)).map(withoutOldEvidence);
  const commands = youngest(entries.filter(isCommand), mostCharacters);
  const left = mostCharacters - sizeOf([...commands]);
  const others = youngest(
    entries.filter((entry) => !isCommand(entry)),
    left,
  );
  const kept = entries.filter((entry) => commands.has(entry) || others.has(entry));
  const gone = entries.length - kept.length + countIn(former);
  if (gone === 0) return kept;
  const sentence = `${opening}${gone} entries; the runs before this one have them`;
  return [{ at: former?.at ?? entries[0]?.at ?? '', kind: 'decision', sentence }, ...kept];
}

/** Who did what, and why, is what people ask after weeks. */
function isCommand({ kind }: TimelineEntry): boolean {
  return kind === 'command';
}

function isSummary({ kind, sentence }: TimelineEntry): boolean {
  return kind === 'decision' && sentence.startsWith(opening);
}

function countIn(summary: TimelineEntry | undefined): number {
  return summary ? parseInt(summary.sentence.slice(opening.length), 10) : 0;
}

function withoutOldEvidence(entry: TimelineEntry, i: number, all: readonly TimelineEntry[]): TimelineEntry {
  return entry.kind === 'verdict' && i < all.length - withEvidence ? { ...entry, verdicts: [] } : entry;
}

function youngest(entries: TimelineEntry[], mostCharacters: number): Set<TimelineEntry> {
  let left = mostCharacters;
  const older = entries.findLastIndex((entry) => (left -= sizeOf(entry)) < 0);
  return new Set(entries.slice(older + 1));
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length + 1;
}
