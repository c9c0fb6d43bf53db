/** Records the stored histories again: `npm run histories`. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { mochaHooks } from '../support/root-hooks.js';
import { withRolloutOnServer } from '../support/rollout-on-server.js';
import { scenarios, type Scenario } from './scenarios.js';

const folder = new URL('./histories/', import.meta.url);

mochaHooks.beforeAll();
for (const file of readdirSync(folder)) rmSync(new URL(file, folder));
for (const scenario of scenarios()) await record(scenario);
await mochaHooks.afterAll();

async function record({ name, world, act, outcome }: Scenario): Promise<void> {
  await withRolloutOnServer(world, async (running) => {
    await act?.(running);
    const result = await running.result();
    if (result.outcome !== outcome) throw new Error(`${name} ended ${result.outcome}: ${result.reason}`);
    const history: unknown = JSON.parse(historyToJSON(await running.handle.fetchHistory()));
    const text = JSON.stringify(history, withoutMachine, 1);
    writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
    process.stderr.write(`${name}: ${text.length} characters\n`);
  });
}

/** Removes the name of the recording process and machine. */
function withoutMachine(key: string, value: unknown): unknown {
  return key === 'identity' ? 'penstock' : value;
}
