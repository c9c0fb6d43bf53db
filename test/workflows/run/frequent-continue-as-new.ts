/** Bundles the workflows with a low event limit, so that a rollout continues as new at nearly every wait. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleParts } from '../../../src/workflows/bundle/bundle-parts.js';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

let bundle: Promise<WorkflowBundleWithSourceMap> | null = null;

export function shortRunsBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    ...bundleParts,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error: console.error, log() {} },
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: {
          ...config.resolve?.alias,
          [pathOf('../../../src/workflows/run/timings.ts')]: pathOf('low-event-limit.ts'),
        },
      },
    }),
  });
  return bundle;
}
