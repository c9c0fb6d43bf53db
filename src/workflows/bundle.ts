/** Build step: bundles the workflow code once, so that a worker starts without a bundler. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('./workflows.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath });
await writeFile(new URL('../workflow-bundle.js', import.meta.url), code);
