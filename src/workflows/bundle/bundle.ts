/**
 * Build step: bundles the workflow code, so that a worker starts without a bundler. Workers that encrypt get their
 * own.
 */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { bundleParts, encryptingParts } from './bundle-parts.js';

const bundles = { 'workflow-bundle.js': {}, 'workflow-bundle-encrypting.js': encryptingParts };
for (const [name, parts] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({ ...bundleParts, ...parts });
  await writeFile(new URL(`../../${name}`, import.meta.url), code);
}
