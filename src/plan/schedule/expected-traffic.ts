/**
 * Expected requests of the candidate in each step at a given rate, and whether each guardrail has enough of them.
 * Pure.
 *
 * Every share of a spec is reached exactly: SageMaker's weights are floats, and the switch has buckets of 0.01 %.
 */
import { formatDuration } from '../units/durations.js';
import { formatPercent } from '../units/percents.js';
import type { BoundGuardrail } from '../compiled/guardrail.js';
import type { Plan } from '../compiled/plan.js';
import type { Step } from '../compiled/step.js';

/** One bake, or the minimum time of an experiment. */
export interface ExpectedStep {
  stage: number;
  /** Percent of the requests that the candidate gets, as user requests or as copies. */
  share: number;
  seconds: number;
  requests: number;
  judgements: ExpectedJudgement[];
}

/** One guardrail that needs a minimum number of requests. */
export interface ExpectedJudgement {
  guardrail: string;
  label: string;
  minimumRequests: number;
  windowSeconds: number;
  requestsPerWindow: number;
  /**
   * Time between two judgements: as many windows as have enough requests. Null: the step may end without a verdict.
   */
  everySeconds: number | null;
}

export interface ExpectedTraffic {
  requestsPerHour: number;
  steps: ExpectedStep[];
  /** One message each. */
  warnings: string[];
}

export function expectTraffic(plan: Plan, requestsPerHour: number): ExpectedTraffic {
  const guardrails = plan.guardrails.filter((guardrail) => guardrail.kind === 'bound');
  const steps = watchedIn(plan.steps, 'minimumSeconds').map(({ stage, share, seconds }): ExpectedStep => {
    const requestsPerSecond = (requestsPerHour * share) / 100 / 3_600;
    return {
      stage,
      share,
      seconds,
      // Divided last, so that whole numbers stay whole.
      requests: (requestsPerHour * share * seconds) / 100 / 3_600,
      judgements: guardrails.map((guardrail) => judgementOf(guardrail, requestsPerSecond, seconds)),
    };
  });
  const warnings = steps.flatMap((step) =>
    step.judgements
      .filter(({ everySeconds }) => everySeconds === null)
      .map((judgement) => warningOf(step, judgement, plan, requestsPerHour)),
  );
  return { requestsPerHour, steps, warnings };
}

type Watched = Pick<ExpectedStep, 'stage' | 'share' | 'seconds'>;

/** With the longest time of experiments. */
export function servedPeriodsOf(steps: Step[]): Watched[] {
  return watchedIn(steps, 'maximumSeconds');
}

function watchedIn(steps: Step[], experiment: 'minimumSeconds' | 'maximumSeconds'): Watched[] {
  const watched: Watched[] = [];
  let share = 0;
  for (const step of steps) {
    if (step.kind === 'deploy')
      share = step.arrangement.kind === 'shadow' ? step.arrangement.mirrorPercent : 0;
    if (step.kind === 'setWeights') share = step.weights.candidate;
    if (step.kind === 'bake') watched.push({ stage: step.stage, share, seconds: step.seconds });
    if (step.kind === 'experiment') watched.push({ stage: step.stage, share, seconds: step[experiment] });
  }
  return watched;
}

function judgementOf(
  { id, label, minimumRequests, windowSeconds }: BoundGuardrail,
  requestsPerSecond: number,
  seconds: number,
): ExpectedJudgement {
  const requestsPerWindow = requestsPerSecond * windowSeconds;
  const windows = Math.floor(seconds / windowSeconds);
  const isEnough = requestsPerWindow * windows >= safeCount(minimumRequests);
  const windowsTogether = Math.max(1, Math.ceil(minimumRequests / requestsPerWindow));
  return {
    guardrail: id,
    label,
    minimumRequests,
    windowSeconds,
    requestsPerWindow,
    everySeconds: isEnough ? windowsTogether * windowSeconds : null,
  };
}

/**
 * Expected count at which at least `requests` almost certainly arrive: two standard deviations of a Poisson count
 * above.
 */
function safeCount(requests: number): number {
  return (1 + Math.sqrt(1 + requests)) ** 2;
}

function warningOf(
  { stage, share, seconds, requests }: ExpectedStep,
  { label, minimumRequests, windowSeconds, requestsPerWindow }: ExpectedJudgement,
  { onInconclusive }: Plan,
  requestsPerHour: number,
): string {
  const needed = safeCount(minimumRequests);
  const neededSeconds = Math.ceil(needed / requestsPerWindow) * windowSeconds;
  const neededShare = Math.ceil(((needed * 3_600) / seconds / requestsPerHour) * 1_000) / 10;
  const advice = [
    `watch for ${formatDuration(neededSeconds)}`,
    ...(neededShare <= 100 && neededShare > share ? [`send ${formatPercent(neededShare)}`] : []),
    'lower minimumRequests',
  ].join(', or ');
  const otherwise = onInconclusive === 'rollBack' ? 'may roll back as inconclusive' : 'may hold';
  return (
    `Step ${stage}: about ${Math.round(requests)} requests reach the candidate in ${formatDuration(seconds)}, and ` +
    `${label} needs ${minimumRequests} to be judged: the rollout ${otherwise}. To be safe, ${advice}.`
  );
}
