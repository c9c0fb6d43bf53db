/** Rehearsals of thirty days with 5-minute windows and three guardrails. */
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import type { SpecJson } from '../../src/client.js';
import { defaultAccountFor } from '../../src/rehearsal/account/rehearsed-account.js';
import type { Rehearsal } from '../../src/rehearsal/report/rehearsal-report.js';
import { rehearse } from '../../src/rehearsal/run/rehearse.js';
import { quietScenario, type Scenario } from '../../src/rehearsal/scenario/scenario.js';
import type { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import { specOf } from '../../test/e2e/specs.js';
import { formatTook, timed, type Took } from '../stopwatch.js';
import type { Figure } from '../table.js';

const endpoint = 'ranker';
const alarm = 'ranker-errors';
const days = 30;
const [minute, hour, day] = [60, 3_600, 86_400];
/** Between two windows and between two minutes. */
const alarmSeconds = 18 * day + 4 * hour + 7 * minute + 23;

const guardrails = [
  { metric: 'errorRate', below: '2%', window: '5m' },
  { metric: 'latency', stat: 'p99', below: '5s', window: '5m' },
  { metric: 'clientErrorRate', below: '9%', window: '5m' },
];

export async function measureRehearsals(sandbox: WorkflowSandbox): Promise<Figure[]> {
  const healthy = await timed(() => play(sandbox, guardrails, {}));
  const alarmFires = { at: alarmSeconds, since: 'start', kind: 'alarmFires', alarm } as const;
  const fired = await timed(() =>
    play(sandbox, [...guardrails, { alarm }], {
      events: [{ ...alarmFires, times: 1, everySeconds: hour }],
    }),
  );
  expectOutcome(healthy.result, 'promoted');
  expectOutcome(fired.result, 'rolledBack');
  const delay = fired.result.decision?.afterSeconds ?? NaN;
  return [
    {
      what: `rehearsal of ${days} days, 5-minute windows, 3 guardrails`,
      measured: describe(healthy, days),
      aim: '<= 5 s',
    },
    {
      what: 'the same, an alarm fires on day 18',
      measured: describe(fired, alarmSeconds / day),
      aim: '',
    },
    { what: 'rolled back after that alarm', measured: `${delay} s`, aim: '<= 60 s' },
  ];
}

function describe(took: Took, simulatedDays: number): string {
  return `${formatTook(took)}, ${(simulatedDays / took.seconds).toFixed(1)} days/s`;
}

function expectOutcome({ outcome, reason }: Rehearsal, expected: Rehearsal['outcome']): void {
  if (outcome !== expected) throw new Error(`expected ${expected}, got ${outcome}: ${reason}`);
}

function play(sandbox: WorkflowSandbox, rules: object[], changes: Partial<Scenario>): Promise<Rehearsal> {
  const json: SpecJson = specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['50%', { share: '100%', bake: '5m' }], bake: `${days}d` } },
    guardrails: rules,
  });
  const spec = validateSpec(json);
  const plan = compilePlan(spec, { workflowId: `rollout:${endpoint}`, runId: 'bench' });
  const scenario = { ...quietScenario, ...changes };
  return rehearse({ spec, json, scenario, account: defaultAccountFor(plan), simulation: { sandbox } });
}
