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
  hasEnoughEvents,
  hasEnoughUsers,
  totalOf,
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
import { effectiveCount, hasEnoughValues, minValues, minWeight, weightOf } from '../statistics/winsorised.js';
import type { CapRule } from '../../plan/compiled/goal.js';
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
  /** The rule by which the values of a mean are capped. Null for proportions. */
  cap: CapRule | null;
  /** Requests of both arms at which a decision is expected. It never changes within a rollout. */
  plannedSize: number;
}

/** Carried from poll to poll. Plain JSON. */
export interface GoalState {
  tally: ComparisonTally;
  stages: StageTotals[];
  /** The cap of a mean: values above it count as it. Absent: not known yet, and no window is added. It never changes. */
  cap?: number;
  /** ISO 8601: end of the data in which no cap was found. */
  cappedTo?: string;
  /** The latest total of a proportion that cannot be a count of events. Absent: none. */
  value?: { sum: number; requests: number };
}

const algorithm = 'goal/2';

export function startGoal({ cap }: Pick<GoalRule, 'cap'>): GoalState {
  const state: GoalState = { tally: emptyTally, stages: [] };
  return cap?.kind === 'value' ? { ...state, cap: cap.value } : state;
}

export function addToGoal(rule: GoalRule, state: GoalState, window: ComparisonWindow): GoalState {
  const { tally, stages } = state;
  const value = rule.kind === 'proportion' ? valueIn(window) : null;
  if (value !== null) return { ...state, value, tally: tallyWindow(tally, window, null, 'impossible') };
  const arms = rule.kind === 'proportion' ? readEvents(window) : readSums(window, rule.kind);
  if (arms === null) return { ...state, tally: tallyWindow(tally, window, null) };
  const eventsOf = ({ sum }: ArmTotals) => (rule.kind === 'proportion' ? sum : null);
  const counts = {
    baseline: { requests: arms.baseline.n, events: eventsOf(arms.baseline) },
    candidate: { requests: arms.candidate.n, events: eventsOf(arms.candidate) },
  };
  const stratum = { stage: window.stage, share: window.candidateShare };
  return { ...state, tally: tallyWindow(tally, window, counts), stages: addToStage(stages, stratum, arms) };
}

/** `better` and `notWorseThanBaseline` pass, `worse` fails, `undecided` is inconclusive. */
export function judgeGoal(rule: GoalRule, state: GoalState, windowsPlanned: number): Verdict {
  const { tally, stages } = state;
  const settings = { alpha: rule.alpha / rule.goals, plannedSize: rule.plannedSize };
  const needed = 1 / settings.alpha;
  const missing =
    wrongKindReason(rule, state) ??
    unknownCapReason(rule, state) ??
    missingDataReason(rule, tally) ??
    insufficientDataReason(rule, state);
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
  const found = find(rule, difference, interval, [logE, needed]);
  const finding = { ...found, text: `${found.text}${describeCap(state)}` };
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

/** Whether the state has enough data for a valid interval. */
export function hasEnoughData({ kind }: Pick<GoalRule, 'kind'>, { stages, cap }: GoalState): boolean {
  if (!hasEnoughUsers(stages)) return false;
  if (kind !== 'mean') return hasEnoughEvents(stages, kind);
  return cap !== undefined && hasEnoughValues(stages, cap);
}

function insufficientDataReason(rule: GoalRule, state: GoalState): Finding | null {
  if (hasEnoughData(rule, state)) return null;
  const isByUser = state.stages.some(({ baseline }) => baseline.users);
  const few = rule.kind === 'mean' ? describeFewValues(state) : tooFewEvents[rule.kind];
  const text = `${few}${isByUser ? `, or fewer than ${minUsers} users with equal shares of them` : ''}`;
  return { result: 'inconclusive', reason: 'tooFewEvents', text };
}

const tooFewEvents: Record<'proportion' | 'ratio', string> = {
  proportion: `fewer than ${minOfEach} events, or ${minOfEach} requests without, in one of the models`,
  ratio: `fewer than ${minOfEach} events, or ${minOfEach} users, of one of the models`,
};

/** The numbers are those of the model with less. */
function describeFewValues({ stages, cap = 0 }: GoalState): string {
  const arms = (['baseline', 'candidate'] as const).map((arm) => totalOf(stages, arm));
  const least = (of: (arm: ArmTotals) => number) => formatNumber(Math.min(...arms.map(of)));
  return (
    `too few values other than zero in one of the models: they count as ${least(effectiveCount)} equal ones of ` +
    `${minValues}, and weigh as ${least((arm) => weightOf(arm, cap))} of ${minWeight} values at the cap of ${cap}`
  );
}

function unknownCapReason({ kind, cap }: GoalRule, state: GoalState): Finding | null {
  if (kind !== 'mean' || state.cap !== undefined) return null;
  const percentile = cap?.kind === 'percentile' ? `the percentile ${cap.percent} % of its values` : 'it';
  const text =
    state.cappedTo === undefined
      ? `no cap yet: it will be ${percentile} on the first day`
      : `no cap in the data up to ${state.cappedTo}: it will be ${percentile}, once CloudWatch has enough single values; set \`cap\` to a number if it has only sums, or values below zero`;
  return { result: 'inconclusive', reason: 'awaitingCap', text };
}

function describeCap({ cap }: GoalState): string {
  return cap === undefined ? '' : `, values above ${cap} count as ${cap}`;
}

/** A total that is no whole number, or in most windows above the number of requests, is not a count of events. */
function wrongKindReason({ kind }: GoalRule, { value, tally }: GoalState): Finding | null {
  if (kind !== 'proportion' || value === undefined) return null;
  const { impossible = 0 } = tally.exclusions?.counts ?? {};
  if (Number.isInteger(value.sum) && 2 * impossible <= tally.windows) return null;
  const { sum, requests } = value;
  const text = `${formatNumber(sum)} of ${formatNumber(requests)} requests is the sum of a value, not a count: set source.squares`;
  return { result: 'inconclusive', reason: 'notACount', text };
}

/** The total of an arm that cannot be a count of events among its requests. */
function valueIn({ arms }: ComparisonWindow): { sum: number; requests: number } | null {
  for (const { requests, events } of [arms.baseline, arms.candidate])
    if (isCount(requests) && isCount(events) && (events > requests || !Number.isInteger(events)))
      return { sum: events, requests };
  return null;
}

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
function readArmSums({ requests: n, sum, sumSquares, uncapped, users }: ArmOfWindow): ArmTotals | null {
  if (!isCount(n) || !isSum(sum) || !isSum(sumSquares) || users === null) return null;
  if (n === 0 ? sum !== 0 || sumSquares !== 0 : sumSquares < ((sum * sum) / n) * (1 - 1e-9)) return null;
  return { n, sum, sumSquares, ...(uncapped && { uncapped }), ...(users && { users }) };
}

/** A window can have events of users who were counted in an earlier one. */
function readArmRatio({ requests: n, sum, users }: ArmOfWindow): ArmTotals | null {
  return isCount(n) && isCount(sum) && users ? { n, sum, sumSquares: sum, users } : null;
}

/** Whether the value is known, and its square is still a finite number. */
function isSum(value: number | null | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= 1e100;
}
