/**
 * Checks whether workflow code can continue running rollouts: `node tools/replay.mjs BUNDLE HISTORY...`. Each
 * history is the output of `temporal workflow show --output json`. Exits with 1 if one cannot be continued. See
 * docs/upgrading.md.
 */
import { readFile } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const [codePath, ...files] = process.argv.slice(2);
if (codePath === undefined || files.length === 0)
  throw new Error('expected BUNDLE HISTORY...; see docs/upgrading.md');
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
  console.log(`${workflowId}: ${error === undefined ? 'can continue' : `cannot continue: ${error.message}`}`);
  if (error !== undefined) process.exitCode = 1;
}
if (replayed !== files.length)
  throw new Error(`expected ${files.length} replayed histories, got ${replayed}`);
