/** Windows that a comparison leaves out, and why. Plain JSON. */

/**
 * `missing`: a number of one model is not known. `impossible`: numbers contradict each other. `drift`: someone else had
 * changed the endpoint. `weightsChanging`: between two shares; these were never planned and count as no windows.
 */
export type ExclusionReason = 'missing' | 'impossible' | 'drift' | 'weightsChanging';

/** Neighbours of one reason together. ISO 8601, UTC. */
export interface ExcludedSpan {
  from: string;
  to: string;
  reason: ExclusionReason;
  windows: number;
}

export interface Exclusions {
  /** Of windows, all of them. */
  counts: Partial<Record<ExclusionReason, number>>;
  /** The latest, in the order in which they were left out. */
  latest: ExcludedSpan[];
}

export const noExclusions: Exclusions = { counts: {}, latest: [] };

const maxExcludedSpans = 20;

export function exclude({ counts, latest }: Exclusions, span: ExcludedSpan): Exclusions {
  const { reason, windows } = span;
  const last = latest.at(-1);
  const goesOn = last?.reason === reason && last.to === span.from;
  const spans = goesOn
    ? [...latest.slice(0, -1), { ...last, to: span.to, windows: last.windows + windows }]
    : [...latest, span];
  return {
    counts: { ...counts, [reason]: (counts[reason] ?? 0) + windows },
    latest: spans.slice(-maxExcludedSpans),
  };
}
