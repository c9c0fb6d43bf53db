/** Build step: bundles the workflow code once, so that a worker starts without a bundler; and once for workers that encrypt. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { bundleParts, encryptingParts } from './bundle-parts.js';

const bundles = { 'workflow-bundle.js': {}, 'workflow-bundle-encrypting.js': encryptingParts };
for (const [name, parts] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({ ...bundleParts, ...parts });
  await writeFile(new URL(`../../${name}`, import.meta.url), code);
}
