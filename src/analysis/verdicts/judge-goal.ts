/** Goal: is the candidate better than the baseline, by a proportion or a mean per request? */
import {
  concludeComparison,
  nothingMeasured,
  missingDataReason,
  type ComparisonRule,
  type Finding,
  type Measured,
} from './comparison-verdict.js';
import {
  emptyTally,
  isCount,
  readCounts,
  tallyWindow,
  totalsOf,
  type ComparisonWindow,
  type ComparisonTally,
} from './comparison-windows.js';
import {
  addToStage,
  differ,
  minOfEach,
  minUsers,
  minObservationsOfMeans,
  hasEnoughObservations,
  type ArmPair,
  type ArmTotals,
  type DifferenceSettings,
  type ArmDifference,
  type StageTotals,
} from '../statistics/arm-difference.js';
import {
  maturityOf,
  sequenceEvidence,
  twoSidedInterval,
  type Interval,
} from '../statistics/mean-sequence.js';
import { formatApart, formatEvidence, formatNumber, signed } from './formatted-numbers.js';
import type { Verdict } from './verdict.js';

export interface GoalRule extends ComparisonRule, DifferenceSettings {
  /** Unit of a mean, shown to people, e.g. `ms`. Null for proportions, which are shown in percent. */
  unit: string | null;
  higherIsBetter: boolean;
  /**
   * Minimum improvement on the rule's scale (0.02: two percent, or two points); 0 for any improvement. Negative: the
   * allowed loss.
   */
  minimumEffect: number;
  /** Number of goals of the rollout. Each goal is judged at alpha divided by this. */
  goals: number;
  /** Requests of both arms at which a decision is expected. It never changes within a rollout. */
  plannedSize: number;
}

/** Carried from poll to poll. Plain JSON. */
export interface GoalState {
  tally: ComparisonTally;
  stages: StageTotals[];
}

const algorithm = 'goal/1';

export const emptyGoal: GoalState = { tally: emptyTally, stages: [] };

export function addToGoal(rule: GoalRule, { tally, stages }: GoalState, window: ComparisonWindow): GoalState {
  const arms = rule.kind === 'proportion' ? readEvents(window) : readSums(window, rule.kind);
  if (arms === null) return { tally: tallyWindow(tally, window, null), stages };
  const eventsOf = ({ sum }: ArmTotals) => (rule.kind === 'proportion' ? sum : null);
  const counts = {
    baseline: { requests: arms.baseline.n, events: eventsOf(arms.baseline) },
    candidate: { requests: arms.candidate.n, events: eventsOf(arms.candidate) },
  };
  const stratum = { stage: window.stage, share: window.candidateShare };
  return { tally: tallyWindow(tally, window, counts), stages: addToStage(stages, stratum, arms) };
}

/** `better` and `notWorseThanBaseline` pass, `worse` fails, `undecided` is inconclusive. */
export function judgeGoal(rule: GoalRule, { tally, stages }: GoalState, windowsPlanned: number): Verdict {
  const settings = { alpha: rule.alpha / rule.goals, plannedSize: rule.plannedSize };
  const needed = 1 / settings.alpha;
  const missing = missingDataReason(rule, tally) ?? insufficientDataReason(rule, stages);
  const difference = missing === null ? differ(stages, rule) : null;
  if (difference === null) {
    const { text, ...kind } = missing ?? noDifference;
    const finding = { ...kind, text: `: ${text}` };
    return concludeComparison(rule, tally, {
      finding,
      measured: { ...nothingMeasured, needed },
      windowsPlanned,
      algorithm,
    });
  }
  const interval = twoSidedInterval(difference, settings);
  const { logE } = sequenceEvidence(difference, settings, nullOf(rule, difference));
  const finding = find(rule, difference, interval, [logE, needed]);
  const isProportion = rule.kind === 'proportion';
  const measured: Measured = {
    value: isProportion ? 100 * difference.candidate : difference.candidate,
    bound: null,
    unit: isProportion ? 'percent' : rule.unit,
    effect: difference.estimate,
    interval,
    logE,
    needed,
    evidenceState: { maturity: maturityOf(difference, settings), sides: 'two' },
  };
  return concludeComparison(rule, tally, { finding, measured, windowsPlanned, algorithm });
}

const noDifference: Finding = {
  result: 'inconclusive',
  reason: 'tooFewEvents',
  text: 'the values do not vary, or the baseline is too close to zero for a comparison',
};

function find(
  rule: GoalRule,
  difference: ArmDifference,
  interval: Interval,
  [logE, needed]: [logE: number, needed: number],
): Finding {
  const { minimumEffect } = rule;
  const { lower, upper } = rule.higherIsBetter
    ? interval
    : { lower: -interval.upper, upper: -interval.lower };
  const findingOf = (result: Finding['result'], reason: Finding['reason'], conclusion: string): Finding => {
    const evidence = formatEvidence(logE, needed, evidenceNameOf(rule, difference));
    const text = `: ${describeGoalComparison(rule, difference, interval)}; ${conclusion} (${evidence})`;
    return { result, reason, text };
  };
  const limit = describeChange(rule, Math.abs(minimumEffect), formatNumber);
  if (lower > minimumEffect && lower > 0)
    return findingOf(
      'pass',
      'better',
      minimumEffect > 0 ? `shown to be better by more than ${limit}` : 'shown to be better',
    );
  if (lower > minimumEffect)
    return findingOf('pass', 'notWorseThanBaseline', `proven not to be worse by ${limit}`);
  if (upper < harmOf(rule))
    return findingOf(
      'fail',
      'worse',
      minimumEffect < 0 ? `shown to be worse by more than ${limit}` : 'shown to be worse',
    );
  if (isOutOfReach(rule, upper))
    return findingOf('inconclusive', 'undecided', `cannot be better by ${limit}, which is required`);
  return findingOf('inconclusive', 'undecided', `not yet shown to be ${aimOf(rule, limit)} or worse`);
}

/** Requirement of the goal, in words. */
function aimOf({ minimumEffect }: GoalRule, limit: string): string {
  if (minimumEffect < 0) return `not worse by ${limit}`;
  return minimumEffect > 0 ? `better by ${limit}` : 'better';
}

/** Whether the whole interval is below the required gain. `upper` as if higher were better. */
function isOutOfReach({ minimumEffect }: GoalRule, upper: number): boolean {
  return minimumEffect > 0 && upper < minimumEffect;
}

/** The evidence is for a loss beyond the limit, or for what the goal requires. */
function evidenceNameOf(rule: GoalRule, { estimate }: ArmDifference): string {
  const gain = rule.higherIsBetter ? estimate : -estimate;
  if (gain <= harmOf(rule)) return 'evidence of harm';
  return rule.minimumEffect < 0 ? 'proof' : 'evidence of a gain';
}

/** The effect below which the candidate is too much worse. */
function harmOf({ minimumEffect }: GoalRule): number {
  return Math.min(0, minimumEffect);
}

/**
 * The message shows the evidence for the direction of the estimate: a gain above the minimum, or a loss beyond the
 * limit.
 */
function nullOf(rule: GoalRule, { estimate }: ArmDifference): number {
  const sign = rule.higherIsBetter ? 1 : -1;
  const gain = sign * estimate;
  if (gain <= harmOf(rule)) return sign * harmOf(rule);
  return gain > rule.minimumEffect ? sign * rule.minimumEffect : estimate;
}

function insufficientDataReason({ kind }: GoalRule, stages: StageTotals[]): Finding | null {
  if (hasEnoughObservations(stages, kind)) return null;
  const isByUser = stages.some(({ baseline }) => baseline.users);
  const text = `${tooFewObservations[kind]}${isByUser ? `, or fewer than ${minUsers} users with equal shares of them` : ''}`;
  return { result: 'inconclusive', reason: 'tooFewEvents', text };
}

const tooFewObservations: Record<GoalRule['kind'], string> = {
  proportion: `fewer than ${minOfEach} events, or ${minOfEach} requests without, in one of the models`,
  mean: `fewer than ${minObservationsOfMeans} requests to one of the models`,
  ratio: `fewer than ${minOfEach} events, or ${minOfEach} users, of one of the models`,
};

/** On the rule's scale: percent of the baseline's, points, or the unit of a mean. */
function describeChange(
  { scale, kind, unit }: GoalRule,
  value: number,
  format: (value: number) => string = signed,
): string {
  if (scale === 'relative') return `${format(100 * value)} %`;
  if (kind === 'proportion') return `${format(100 * value)} points`;
  return `${format(value)}${unit === null ? '' : ` ${unit}`}`;
}

/** `candidate 3.12 %, baseline 2.92 %, +6.85 % [+1.2 %, +12.8 %]`. Differences of proportions are in points. */
function describeGoalComparison(
  rule: GoalRule,
  { baseline, candidate, estimate }: ArmDifference,
  interval: Interval,
): string {
  const isProportion = rule.kind === 'proportion';
  const unit = isProportion ? ' %' : rule.unit === null ? '' : ` ${rule.unit}`;
  const levels = formatApart([candidate, baseline].map((value) => (isProportion ? 100 * value : value)));
  const change = (value: number) => describeChange(rule, value);
  const span = `[${change(interval.lower)}, ${change(interval.upper)}]`;
  return `candidate ${levels[0]}${unit}, baseline ${levels[1]}${unit}, ${change(estimate)} ${span}`;
}

function readEvents(window: ComparisonWindow): ArmPair | null {
  const counts = readCounts(window);
  if (counts === null) return null;
  return { baseline: totalsOf(counts.baseline), candidate: totalsOf(counts.candidate) };
}

function readSums({ arms }: ComparisonWindow, kind: 'mean' | 'ratio'): ArmPair | null {
  const read = kind === 'mean' ? readArmSums : readArmRatio;
  const [baseline, candidate] = [read(arms.baseline), read(arms.candidate)];
  return baseline === null || candidate === null ? null : { baseline, candidate };
}

type ArmOfWindow = ComparisonWindow['arms']['baseline'];

/** Null if values are unknown, or if the sum of squares is less than the sum allows. */
function readArmSums({ requests: n, sum, sumSquares, users }: ArmOfWindow): ArmTotals | null {
  if (!isCount(n) || !isSum(sum) || !isSum(sumSquares) || users === null) return null;
  if (n === 0 ? sum !== 0 || sumSquares !== 0 : sumSquares < ((sum * sum) / n) * (1 - 1e-9)) return null;
  return { n, sum, sumSquares, ...(users && { users }) };
}

/** A window can have events of users who were counted in an earlier one. */
function readArmRatio({ requests: n, sum, users }: ArmOfWindow): ArmTotals | null {
  return isCount(n) && isCount(sum) && users ? { n, sum, sumSquares: sum, users } : null;
}

/** Whether the value is known, and its square is still a finite number. */
function isSum(value: number | null | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= 1e100;
}
