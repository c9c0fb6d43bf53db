/**
 * Whether workflow code could go on with rollouts that are under way: `node tools/replay.mjs BUNDLE HISTORY...`, where each
 * history is what `temporal workflow show --output json` has printed. Exits with 1 where it could not. docs/upgrading.md.
 */
import { readFile } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const [codePath, ...files] = process.argv.slice(2);
if (codePath === undefined || files.length === 0) throw new Error('a bundle and histories are wanted');
Runtime.install({ logger: new DefaultLogger('ERROR') });

const histories = await Promise.all(
  files.map(async (file) => ({ workflowId: file, history: JSON.parse(await readFile(file, 'utf8')) })),
);
let replayed = 0;
for await (const { workflowId, error } of Worker.runReplayHistories(
  { workflowBundle: { codePath } },
  histories,
)) {
  replayed += 1;
  console.log(`${workflowId}: ${error === undefined ? 'can go on' : `cannot go on: ${error.message}`}`);
  if (error !== undefined) process.exitCode = 1;
}
if (replayed !== files.length) throw new Error(`${replayed} of ${files.length} histories were replayed`);
