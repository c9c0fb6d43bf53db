/** Names of the metrics that the switch publishes and that comparisons read. */

export const switchNamespace = 'Penstock/Switch';

/** The counts of one arm. `Users` have been seen since the share of the candidate last changed. */
export type SwitchCount = 'Exposures' | 'Users' | 'Errors' | 'Conversions' | 'Value';

/** The trials and totals whose sums by user are published. */
export const countedByUser = [
  { trials: 'Exposures', total: 'Errors' },
  { trials: 'Exposures', total: 'Conversions' },
  { trials: 'Exposures', total: 'Value' },
  { trials: 'Users', total: 'Conversions' },
] as const satisfies { trials: SwitchCount; total: SwitchCount }[];

/** Sum over buckets of users of the squared count since the share last changed. */
export function squaresByUser(count: SwitchCount): string {
  return `${count}SquaredByUser`;
}

/** Sum over buckets of users of trials times total since the share last changed. */
export function productByUser(trials: SwitchCount, total: SwitchCount): string {
  return `${trials}Times${total}ByUser`;
}

/** Square of the count of one process since the share last changed. The metric is the sum over processes. */
export function squaresByProcess(count: SwitchCount): string {
  return `${count}SquaredByProcess`;
}
