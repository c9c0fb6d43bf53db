/** Build step: bundles the workflow code once, so that a worker starts without a bundler; and once for workers that encrypt. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const [workflowsPath, failureConverterPath] = ['./workflows.js', './failure-converter.js'].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
) as [string, string];
const bundles = { 'workflow-bundle.js': {}, 'workflow-bundle-encrypting.js': { failureConverterPath } };
for (const [name, options] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({ workflowsPath, ...options });
  await writeFile(new URL(`../${name}`, import.meta.url), code);
}
