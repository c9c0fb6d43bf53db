import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun, type RunRecord, type Scenario } from './run-scenario.js';

/** The result of a scenario whose worker is not killed. */
export interface Undisturbed {
  record: RunRecord;
  events: number;
}

/** Runs all scenarios at once, with one worker. They must have the same durations. */
export function runUndisturbed(scenarios: Scenario[]): Promise<Map<Scenario, Undisturbed>> {
  return WorkerKillEnvironment.run(async (environment) => {
    await environment.startWorker();
    const results = scenarios.map(async (scenario): Promise<[Scenario, Undisturbed]> => {
      const start = await ScenarioRun.prepare(scenario, environment, `${scenario.name}-calm`);
      const run = await start();
      return [scenario, { record: await run.finish(), events: await run.waitForEvent(Infinity) }];
    });
    return new Map(await Promise.all(results));
  }, scenarios[0]?.durations);
}
