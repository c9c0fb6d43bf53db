/** Plays seeds one after another, and judges each. */
import type { WorkflowSandbox } from '../../../src/simulation/temporal/sdk.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { drawScenario } from './draw/scenario.js';
import { judge, type Found, type InvariantName } from './invariants/all.js';
import { play } from './play/play.js';
import type { Record } from './play/record.js';
import type { Scenario } from './scenario.js';
import { shrink } from './shrink.js';

export interface Judged {
  seed: number;
  record: Record;
  found: Found[];
}

export async function openSandbox(): Promise<WorkflowSandbox> {
  return workflowSandbox(await workflowBundle());
}

export async function judgeSeed(seed: number, sandbox: WorkflowSandbox): Promise<Judged> {
  const record = await play(drawScenario(seed), sandbox);
  return { seed, record, found: judge(record) };
}

/** The smallest scenario found that still violates the invariant. */
export async function shrinkTo(
  invariant: InvariantName,
  scenario: Scenario,
  sandbox: WorkflowSandbox,
): Promise<Judged> {
  const judged = async (candidate: Scenario) => {
    const record = await play(candidate, sandbox);
    return {
      seed: candidate.seed,
      record,
      found: judge(record).filter((each) => each.invariant === invariant),
    };
  };
  const smallest = await shrink(scenario, async (smaller) => (await judged(smaller)).found.length > 0);
  return judged(smallest);
}
