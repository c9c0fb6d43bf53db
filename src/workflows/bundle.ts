/** Build step: bundles the workflow code once, so that a worker starts without a bundler; and once for workers that encrypt. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const files = ['./workflows.js', './payload-converter.js', './failure-converter.js'];
const [workflowsPath, payloadConverterPath, failureConverterPath] = files.map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
) as [string, string, string];
const bundles = { 'workflow-bundle.js': {}, 'workflow-bundle-encrypting.js': { failureConverterPath } };
for (const [name, options] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({ workflowsPath, payloadConverterPath, ...options });
  await writeFile(new URL(`../${name}`, import.meta.url), code);
}
