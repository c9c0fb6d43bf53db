/** The worker of `npm run dev`: bundles the workflow code from source, then polls until it is stopped. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { runWorker } from '../../src/worker.js';
import { bundleParts } from '../../src/workflows/bundle/bundle-parts.js';

const folder = await mkdtemp(path.join(tmpdir(), 'penstock-dev-'));
try {
  const bundlePath = path.join(folder, 'workflow-bundle.js');
  const { code } = await bundleWorkflowCode({
    ...bundleParts,
    logger: { trace() {}, debug() {}, info() {}, warn: console.error, error: console.error, log() {} },
  });
  await writeFile(bundlePath, code);
  await runWorker({ bundlePath, pollSeconds: 2, log: (line) => process.stderr.write(`${line}\n`) });
} finally {
  await rm(folder, { recursive: true });
}
