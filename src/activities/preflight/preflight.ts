import type { RolloutActivities } from '../interface/activities.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import { nowMs } from '../temporal/polling.js';
import type { Environment } from '../webhooks/signed-post.js';
import { checkEnvironment } from './check-environment.js';
import { inspectStart, type InspectionReaders } from './inspect-start.js';

/** Changes nothing, and reports all findings together. */
export function createPreflight({
  env,
  ...readers
}: InspectionReaders & { env: Environment }): RolloutActivities['preflight'] {
  return async ({ plan }) => {
    const { starting, findings, warnings } = await inspectStart(readers, plan, nowMs());
    const all = [...findings, ...checkEnvironment(env, plan)];
    if (all.length > 0) throw nonRetryableFailure('PreflightFailed', all.join('; '));
    return { ...starting, ...(warnings.length === 0 ? {} : { warnings }) };
  };
}
