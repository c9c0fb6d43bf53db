/** Writes the stored histories anew: `npm run histories`. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { mochaHooks } from '../support/root-hooks.js';
import { withRollout } from '../workflows/harness.js';
import { stories, type Story } from './scenarios.js';

const folder = new URL('./histories/', import.meta.url);

mochaHooks.beforeAll();
for (const file of readdirSync(folder)) rmSync(new URL(file, folder));
for (const story of stories()) await record(story);
await mochaHooks.afterAll();

async function record({ name, world, tell, outcome }: Story): Promise<void> {
  await withRollout(world, async (running) => {
    await tell?.(running);
    const result = await running.result();
    if (result.outcome !== outcome) throw new Error(`${name} ended ${result.outcome}: ${result.reason}`);
    const history: unknown = JSON.parse(historyToJSON(await running.handle.fetchHistory()));
    const text = JSON.stringify(history, withoutMachine, 1);
    writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
    process.stderr.write(`${name}: ${text.length} characters\n`);
  });
}

/** Which process on which machine did it is nobody's business. */
function withoutMachine(key: string, value: unknown): unknown {
  return key === 'identity' ? 'penstock' : value;
}
