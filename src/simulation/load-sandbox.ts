import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowSandbox } from './temporal/sdk.js';

/** The sandbox with the workflow code of the build. All simulations of a process share it. */
export async function loadWorkflowSandbox(): Promise<WorkflowSandbox> {
  const path = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  const code = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`the workflow bundle ${path} is missing; run \`npm run build\``, { cause: error });
  });
  // Only local activities need their names here, and a rollout has none.
  return WorkflowSandbox.load(code, []);
}
