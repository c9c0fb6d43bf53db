/** A simulated canary whose bounds are judged as in a rollout, from the spec on. No Temporal, and no time passes. */
import { defaultJudging } from '../../src/plan/compiled/goal.js';
import { boundTestOf } from '../../src/analysis/verdicts/bound-test.js';
import { dueMs } from '../../src/analysis/verdicts/windows.js';
import { judgeWindows, windowsOf, type Progress } from '../../src/activities/monitoring/bound-windows.js';
import type { MetricReader, SeriesQuery } from '../../src/activities/metrics/metric-reader.js';
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import type { BoundGuardrail } from '../../src/plan/compiled/guardrail.js';
import type { Plan } from '../../src/plan/compiled/plan.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import type { Random } from './random.js';

const minuteMs = 60_000;
/** A hold of two hours ends the simulation. */
const maxHoldMinutes = 120;

export interface CanaryEnd {
  rolledBack: boolean;
  /** Minutes with users until the verdict or the promotion. */
  minutes: number;
  /** Minutes that the ends of bakes waited for a pass. */
  held: number;
}

/** 1, 10, 50 and 100 %, 30 minutes each. */
export function canaryPlan(guardrails: object[]): Plan {
  const spec = validateSpec({
    apiVersion: 'penstock/v1',
    endpoint: 'churn',
    models: { baseline: 'live', candidate: { model: 'churn-8' } },
    strategy: { canary: { steps: ['1%', '10%', '50%'], bake: '30m' } },
    guardrails,
  });
  return compilePlan(spec, { workflowId: 'rollout:churn', runId: 'bench' });
}

/** `rateAt`: the candidate's error rate by minute since its first request. Requests are independent. */
export async function simulateCanary(
  random: Random,
  plan: Plan,
  { requestsPerHour, rateAt }: { requestsPerHour: number; rateAt: (minute: number) => number },
): Promise<CanaryEnd> {
  const [guardrail] = plan.guardrails.filter((one): one is BoundGuardrail => one.kind === 'bound');
  let [share, minutes, held] = [0, 0, 0];
  for (const step of plan.steps) {
    if (step.kind === 'setWeights') share = step.weights.candidate / 100;
    if (step.kind !== 'bake') continue;
    const began = minutes;
    const reader = countsReader((minute) => {
      const requests = random.binomial(Math.round(requestsPerHour / 60), share);
      return { requests, events: random.binomial(requests, rateAt(began + minute)) };
    });
    const judged = await judgeBake(reader, plan, guardrail!, step.seconds);
    minutes += judged.minutes;
    held += Math.max(0, judged.minutes - step.seconds / 60);
    if (judged.last.result === 'fail') return { rolledBack: true, minutes, held };
  }
  return { rolledBack: false, minutes, held };
}

async function judgeBake(
  metrics: MetricReader,
  plan: Plan,
  guardrail: BoundGuardrail,
  bakeSeconds: number,
): Promise<{ last: Progress['last']; minutes: number }> {
  const { metricPeriodSeconds } = plan.serve;
  const since = new Date(0).toISOString();
  const windows = windowsOf(guardrail, { since, bakeSeconds, metricPeriodSeconds });
  const arm = { endpoint: 'churn', variant: 'candidate', configName: 'both', shadow: false };
  const task = {
    ...{ guardrail, windows, metricPeriodSeconds, arm, isOpenEnded: false, isFinal: false },
    test: boundTestOf(guardrail, plan.judging ?? defaultJudging),
  };
  let before: Progress | null = null;
  for (let window = windows.planned; ; window += 1) {
    before = await judgeWindows(metrics, { ...task, before, nowMs: dueMs(windows, window) });
    const { last } = before;
    const minutes = (window * windows.lengthMs) / minuteMs;
    if (last.result === 'fail') return { last, minutes: Date.parse(last.evidence.to ?? '') / minuteMs };
    if (last.result === 'pass' || minutes >= maxHoldMinutes) return { last, minutes };
  }
}

/** Every minute is drawn once. */
function countsReader(draw: (minute: number) => { requests: number; events: number }): MetricReader {
  const drawn: { requests: number; events: number }[] = [];
  const pointOf = (minute: number, { series }: SeriesQuery) => {
    while (drawn.length <= minute) drawn.push(draw(drawn.length));
    const { requests, events } = drawn[minute]!;
    return { atMs: minute * minuteMs, value: series.name === 'Invocations' ? requests : events };
  };
  return {
    readSeries(query) {
      const [from, to] = [query.fromMs / minuteMs, query.toMs / minuteMs];
      const points = Array.from({ length: to - from }, (_, i) => pointOf(from + i, query));
      // Without requests, SageMaker publishes nothing.
      return Promise.resolve({
        kind: 'complete',
        points: points.filter(({ atMs }) => drawn[atMs / minuteMs]!.requests > 0),
      });
    },
    readExpression: () => Promise.reject(new Error('the rules read no expression')),
  };
}
