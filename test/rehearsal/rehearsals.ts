/** Rehearsals of short specs, with the workflow code of this source. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../src/client.js';
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import type { Plan } from '../../src/plan/compiled/plan.js';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import { defaultAccountFor } from '../../src/rehearsal/account/rehearsed-account.js';
import type { Rehearsal } from '../../src/rehearsal/report/rehearsal-report.js';
import { rehearse } from '../../src/rehearsal/run/rehearse.js';
import { buildScenario } from '../../src/rehearsal/scenario/built-in-scenarios.js';
import { quietScenario, type Scenario } from '../../src/rehearsal/scenario/scenario.js';
import type { SimulationOptions } from '../../src/simulation/simulation.js';
import { workflowBundle } from '../support/workflow-bundle.js';
import { workflowSandbox } from '../support/workflow-sandbox.js';

/** Two shares of half an hour each. */
const shortCanary = `
apiVersion: penstock/v1
endpoint: ranker
models:
  baseline: live
  candidate: { model: ranker-2 }
strategy:
  canary: { steps: [10%, 50%], bake: 30m }
guardrails:
  - { metric: errorRate, below: 2%, window: 5m }
`;

/** The short canary with these fields. */
export function rehearsedSpec(fields: object = {}): SpecJson {
  const json = { ...(parseSpec(shortCanary, 'ranker.yaml').json as SpecJson), ...fields };
  validateSpec(json);
  return json;
}

export function planOf(json: SpecJson): Plan {
  return compilePlan(validateSpec(json), { workflowId: 'rollout:ranker', runId: 'test' });
}

/** `scenario`: the name of a built-in one, or changes to the one in which nothing happens. */
export async function rehearseSpec(
  json: SpecJson,
  scenario: string | Partial<Scenario> = {},
  options: Partial<SimulationOptions> = {},
): Promise<Rehearsal> {
  const plan = planOf(json);
  const account = defaultAccountFor(plan);
  const played =
    typeof scenario === 'string'
      ? buildScenario(scenario, { plan, account })
      : { ...quietScenario, ...scenario };
  assert.ok(!('reason' in played), 'reason' in played ? played.reason : '');
  return rehearse({
    ...{ spec: validateSpec(json), json, scenario: played, account },
    simulation: { sandbox: await workflowSandbox(await workflowBundle()), ...options },
  });
}
