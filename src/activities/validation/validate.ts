import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { heartbeat } from '@temporalio/activity';
import type { ValidationPlan } from '../../plan/compiled/validation-plan.js';
import { createAskJudge } from './ask-judge.js';
import { checkGolden } from './check-golden.js';
import { measureLatency } from './check-latency.js';
import { checkLoad } from './check-load.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ValidationReport } from '../interface/results.js';
import type { Environment } from '../webhooks/signed-post.js';
import { createInvoke, type CheckResult, type Invoke } from './invoke-variant.js';

/** Checks the variant under test. The load comes last, so that it does not disturb the other checks. */
export function createValidate(deps: {
  runtime: SageMakerRuntimeClient;
  env: Environment;
}): RolloutActivities['validate'] {
  const { runtime, env } = deps;
  return async ({ validation, rolloutId, endpoint, variant }) => {
    const target = { endpoint, variant };
    const invoke = createInvoke(runtime, target);
    const { smoke, golden, latency, load } = validation;
    const records = golden?.records ?? [];
    const requests = [...(smoke?.requests ?? []), ...records];
    const checks: CheckResult[] = [];
    if (smoke !== null) checks.push(await checkSmoke(invoke, smoke));
    const askJudge = golden?.judge
      ? createAskJudge({ judge: golden.judge, rollout: { rolloutId, ...target }, env })
      : null;
    const answers = golden === null ? null : await checkGolden(invoke, golden, askJudge);
    if (answers !== null) checks.push(answers);
    const timed =
      latency === null
        ? null
        : await measureLatency(invoke, latency, records.length > 0 ? records : requests);
    if (timed !== null) checks.push(timed);
    const problems = () => checks.flatMap((check) => check.problems);
    // A variant that has already failed needs no load test.
    if (load !== null && problems().length === 0) checks.push(await checkLoad(invoke, load, requests));
    if (problems().length > 0) {
      throw nonRetryableFailure('ValidationFailed', `${variant}: ${problems().join('; ')}`);
    }
    return {
      goldenMatched: answers?.matched ?? 0,
      goldenTotal: records.length,
      latencyMs: timed?.ms ?? null,
      message: checks.map(({ message }) => message).join(', '),
    } satisfies ValidationReport;
  };
}

/** Every request must get a 2xx status. A response without ModelError means exactly that. */
async function checkSmoke(
  invoke: Invoke,
  { requests }: NonNullable<ValidationPlan['smoke']>,
): Promise<CheckResult> {
  const problems: string[] = [];
  for (const [i, request] of requests.entries()) {
    const reply = await invoke(request);
    heartbeat();
    if (reply.kind === 'answered') continue;
    problems.push(`smoke request ${i + 1} failed with status ${reply.status ?? 'unknown'}`);
  }
  return {
    problems,
    message: `${requests.length - problems.length} of ${requests.length} smoke requests answered`,
  };
}
