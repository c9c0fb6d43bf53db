import assert from 'node:assert/strict';
import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun, type RunRecord, type Scenario } from './run-scenario.js';

/**
 * Runs the scenario, and kills the worker as soon as the history has `event` events. A slow run has more polls and more
 * events than a fast one, so a rollout can end before an event beyond the scenario's own number: no worker is killed then.
 */
export function runKilledAtEvent(scenario: Scenario, event: number): Promise<RunRecord> {
  return WorkerKillEnvironment.run(async (environment) => {
    const worker = await environment.startWorker();
    const start = await ScenarioRun.prepare(scenario, environment, `${scenario.name}-${event}`);
    const run = await start();
    const record = run.finish();
    record.catch(() => undefined);
    const events = await run.waitForEvent(event);
    if (events < event) {
      assert.ok(event > scenario.events, `the rollout ended after ${events} events`);
      return record;
    }
    await worker.kill();
    await environment.startWorker();
    return record;
  }, scenario.durations);
}
