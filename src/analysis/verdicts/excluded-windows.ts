/** Windows that a comparison excludes, with the reasons. Plain JSON. */

/**
 * `missing`: a count of one model is unknown. `impossible`: counts contradict each other. `drift`: an external change
 * of the endpoint. `weightsChanging`: the window is between two shares, or so soon after a change that it has
 * events of requests before it; such windows are not planned and do not count.
 */
export type ExclusionReason = 'missing' | 'impossible' | 'drift' | 'weightsChanging';

/** Adjacent windows with the same reason. ISO 8601, UTC. */
export interface ExcludedSpan {
  from: string;
  to: string;
  reason: ExclusionReason;
  windows: number;
}

export interface Exclusions {
  /** Number of all excluded windows by reason. */
  counts: Partial<Record<ExclusionReason, number>>;
  /** The latest spans, in the order of exclusion. */
  latest: ExcludedSpan[];
}

export const noExclusions: Exclusions = { counts: {}, latest: [] };

const maxExcludedSpans = 20;

export function exclude({ counts, latest }: Exclusions, span: ExcludedSpan): Exclusions {
  const { reason, windows } = span;
  const last = latest.at(-1);
  const isAdjacent = last?.reason === reason && last.to === span.from;
  const spans = isAdjacent
    ? [...latest.slice(0, -1), { ...last, to: span.to, windows: last.windows + windows }]
    : [...latest, span];
  return {
    counts: { ...counts, [reason]: (counts[reason] ?? 0) + windows },
    latest: spans.slice(-maxExcludedSpans),
  };
}
