/** Bundles the workflows of the conformance scenarios. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleParts } from '../../../../src/workflows/bundle/bundle-parts.js';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

export function conformanceBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    ...bundleParts,
    workflowsPath: pathOf('workflows.ts'),
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: {
          ...config.resolve?.alias,
          [pathOf('../../../../src/workflows/run/timings.ts')]: pathOf('short-timings.ts'),
        },
      },
    }),
  });
  return bundle;
}
