import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { checkGolden } from './check-golden.js';
import { measureLatency } from './check-latency.js';
import { checkLoad } from './check-load.js';
import { checkSmoke } from './check-smoke.js';
import type { CheckResult } from './check.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ValidationReport } from '../interface/results.js';
import { createInvoke } from './invoke-variant.js';

/** Tries the variant under test; the load comes last, so that it does not disturb the others. */
export function createValidation(runtime: SageMakerRuntimeClient): Pick<RolloutActivities, 'validate'> {
  return {
    async validate({ validation, ...target }) {
      const invoke = createInvoke(runtime, target);
      const { smoke, golden, latency, load } = validation;
      const records = golden?.records ?? [];
      const requests = [...(smoke?.requests ?? []), ...records];
      const checks: CheckResult[] = [];
      if (smoke !== null) checks.push(await checkSmoke(invoke, smoke));
      const answers = golden === null ? null : await checkGolden(invoke, golden);
      if (answers !== null) checks.push(answers);
      const timed =
        latency === null
          ? null
          : await measureLatency(invoke, latency, records.length > 0 ? records : requests);
      if (timed !== null) checks.push(timed);
      const problems = () => checks.flatMap((check) => check.problems);
      // A variant that has failed already needs no load to say so.
      if (load !== null && problems().length === 0) checks.push(await checkLoad(invoke, load, requests));
      if (problems().length > 0) {
        throw nonRetryableFailure('ValidationFailed', `${target.variant}: ${problems().join('; ')}`);
      }
      return {
        goldenMatched: answers?.matched ?? 0,
        goldenTotal: records.length,
        latencyMs: timed?.ms ?? null,
        message: checks.map(({ message }) => message).join(', '),
      } satisfies ValidationReport;
    },
  };
}
