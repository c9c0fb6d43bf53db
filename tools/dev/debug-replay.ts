/**
 * Replays a history against the workflow code in src, in one thread, so that breakpoints in src/workflows stop:
 * `node --import tsx tools/dev/debug-replay.ts HISTORY`. HISTORY is the JSON that `temporal workflow show --output
 * json` prints. Exits with 1 if the code does not produce the commands of the history. See docs/debugging.md.
 */
import { readFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { bundleParts } from '../../src/workflows/bundle/bundle-parts.js';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('expected the file of a history; see docs/debugging.md');
Runtime.install({ logger: new DefaultLogger('ERROR') });

// The SDK replays in debug mode: no worker thread, and no limit on the time that a breakpoint may take.
const workflowBundle = await bundleWorkflowCode({
  ...bundleParts,
  logger: { trace() {}, debug() {}, info() {}, warn: console.error, error: console.error, log() {} },
});
await Worker.runReplayHistory({ workflowBundle }, JSON.parse(await readFile(file, 'utf8')), file);
console.log(`${file}: the workflow code produced the commands of the history`);
