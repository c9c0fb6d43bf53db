import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleParts } from '../../src/workflows/bundle/bundle-parts.js';

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

/** The current workflow code, bundled once per run. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    ...bundleParts,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
  });
  return bundle;
}

let file: Promise<string> | null = null;

/** The bundle as a file, for workers in separate processes: a worker from source has no bundle file. */
export function workflowBundleFile(): Promise<string> {
  file ??= writeBundle();
  return file;
}

async function writeBundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bundle-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const path = join(folder, 'workflow-bundle.js');
  await writeFile(path, (await workflowBundle()).code);
  return path;
}
