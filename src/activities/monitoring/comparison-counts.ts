/** What both arms did in one window, from what CloudWatch has of it. No I/O, no clock. */
import type { ArmCounts } from '../../analysis/verdicts/comparison-windows.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import type { WindowComparison } from './comparison.js';

/** Sums of one arm over one window; undefined where CloudWatch has nothing. */
export interface ArmSums {
  trials: number | undefined;
  total: number | undefined;
  squares: number | undefined;
}

/** So many requests on average do not fail to come by chance. */
const minExpectedRequests = 20;

/**
 * CloudWatch has no zeros: where there is nothing, there was nothing, or it is missing. An arm of which the other one's
 * requests promise a good many is missing, for silence must not pass for health.
 */
export function countArms(
  comparison: Pick<WindowComparison, 'kind' | 'missingValue'>,
  sums: Record<Role, ArmSums>,
  weights: Weights,
): Record<Role, ArmCounts> {
  const countArm = (role: Role, other: Role): ArmCounts => {
    const { trials, total, squares } = sums[role];
    const others = sums[other].trials ?? 0;
    const promised = others === 0 ? 0 : (others * weights[role]) / weights[other];
    const requests = trials ?? (promised < minExpectedRequests ? 0 : null);
    const missingValue = requests === 0 ? 0 : comparison.missingValue;
    const known = requests === null ? null : (total ?? missingValue);
    if (comparison.kind === 'proportion') return { requests, events: known };
    const sumSquares = requests === null ? null : (squares ?? missingValue);
    return { requests, events: null, sum: known, sumSquares };
  };
  return { baseline: countArm('baseline', 'candidate'), candidate: countArm('candidate', 'baseline') };
}
