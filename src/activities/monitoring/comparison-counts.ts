/** Counts of both arms in one window, from CloudWatch's sums. No I/O, no clock. */
import type { UserSums } from '../../analysis/statistics/user-dispersion.js';
import type { ArmCounts } from '../../analysis/verdicts/comparison-windows.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { WindowComparison } from './comparison.js';

/** Sums of one arm over one window. Undefined: CloudWatch has no data. Null: its data does not give the sum. */
export interface ArmSums {
  trials: number | null | undefined;
  total: number | null | undefined;
  squares: number | null | undefined;
  /** The sums before the values were capped. Undefined: nothing is capped. */
  uncapped?: { sum: number; sumSquares: number };
  /** Undefined: the comparison does not count by user. */
  byUser?: Partial<UserSums>;
}

/** If this many requests are expected on average, no request at all is not a coincidence. */
const minExpectedRequests = 20;

/**
 * CloudWatch does not publish zeros, so no data means either no requests or a gap. If the other arm's requests
 * imply that this arm should have had requests, it is a gap: missing data must not pass.
 */
export function countArms(
  comparison: Pick<WindowComparison, 'kind' | 'missingValue'>,
  sums: Record<Role, ArmSums>,
  weights: Weights,
): Record<Role, ArmCounts> {
  const countArm = (role: Role, other: Role): ArmCounts => {
    const { trials, total, squares, uncapped, byUser } = sums[role];
    const others = sums[other].trials ?? 0;
    const expected = others === 0 ? 0 : (others * weights[role]) / weights[other];
    const requests = trials ?? (expected < minExpectedRequests ? 0 : null);
    const missingValue = requests === 0 ? 0 : comparison.missingValue;
    const known = requests === null ? null : total === undefined ? missingValue : total;
    const users = byUser && { users: usersOf(byUser, requests, known) };
    if (comparison.kind === 'proportion') return { requests, events: known, ...users };
    if (comparison.kind === 'ratio') return { requests, events: null, sum: known, ...users };
    const sumSquares = requests === null ? null : squares === undefined ? missingValue : squares;
    return { requests, events: null, sum: known, sumSquares, ...(uncapped && { uncapped }), ...users };
  };
  return { baseline: countArm('baseline', 'candidate'), candidate: countArm('candidate', 'baseline') };
}

/** A sum without data is 0 if nothing was counted that it could be of. Otherwise the variance is unknown. */
function usersOf(
  { trials, total, product, processes }: Partial<UserSums>,
  requests: number | null,
  counted: number | null,
): UserSums | null {
  const isKnown = [trials, processes].every((sum) => sum !== undefined || requests === 0);
  if (!isKnown || (total === undefined && counted !== 0)) return null;
  return { trials: trials ?? 0, total: total ?? 0, product: product ?? 0, processes: processes ?? 0 };
}
