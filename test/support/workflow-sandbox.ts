/** The sandbox of each workflow bundle, loaded once per run. */
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import { FakeActivities } from '../workflows/fake-activities.js';

const sandboxes = new Map<string, Promise<WorkflowSandbox>>();

export function workflowSandbox({ code }: WorkflowBundleWithSourceMap): Promise<WorkflowSandbox> {
  const loaded =
    sandboxes.get(code) ?? WorkflowSandbox.load(code, Object.keys(new FakeActivities().activities));
  sandboxes.set(code, loaded);
  return loaded;
}
