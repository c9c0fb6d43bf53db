import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { judgeAlarm } from '../../analysis/verdicts/judge-alarm.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { AlarmReader } from '../metrics/alarms.js';
import type { WorkerAccount } from '../aws/account.js';
import { checkEndpoint } from './check-endpoint.js';
import { checkEnvironment } from './check-environment.js';
import { checkModels } from './check-models.js';
import { scalingWarnings } from './scaling-warnings.js';
import { checkNames } from './check-names.js';
import { checkMetrics } from './check-metrics.js';
import { checkMetricWindows } from './check-metric-windows.js';
import { retryableFailure, nonRetryableFailure } from '../temporal/failures.js';
import { nowMs } from '../temporal/polling.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { MetricCatalogue } from '../metrics/metric-catalogue.js';
import type { SpacingReader } from '../metrics/metric-spacing.js';
import type { Environment } from '../webhooks/signed-post.js';

/** Messages about obstacles to the rollout; empty if there are none. */
type Findings = string[];

interface PreflightDeps {
  sagemaker: SageMakerClient;
  autoscaling: ApplicationAutoScalingClient;
  account: WorkerAccount;
  alarms: AlarmReader;
  catalogue: MetricCatalogue;
  spacings: SpacingReader;
  env: Environment;
}

/** Changes nothing, and reports all findings together. */
export function createPreflight({
  sagemaker,
  autoscaling,
  account,
  alarms,
  catalogue,
  spacings,
  env,
}: PreflightDeps): RolloutActivities['preflight'] {
  return async ({ plan }) => {
    const start = checkEndpoint({ sagemaker, autoscaling }, plan);
    const [{ starting, findings }, startedIn, models, ...others] = await Promise.all([
      start,
      account.read(plan.endpoint),
      start.then((found) => checkModels(sagemaker, plan, found.model)),
      checkAlarms(alarms, plan),
      checkNames(sagemaker, plan),
      start.then((found) => checkMetrics(catalogue, plan, found.starting)),
      start.then((found) => checkMetricWindows(spacings, plan, found.starting, nowMs())),
    ]);
    const all = [...findings, ...models.findings, ...others.flat(), ...checkEnvironment(env, plan)];
    if (all.length > 0) throw nonRetryableFailure('PreflightFailed', all.join('; '));
    const warnings = [...(starting.warnings ?? []), ...models.warnings, ...scalingWarnings(starting)];
    return {
      ...starting,
      ...(startedIn === null ? {} : { startedIn }),
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  };
}

/**
 * Insufficient data is no obstacle, because a new endpoint has no data. A transient read error is retried, as
 * for every other read here.
 */
async function checkAlarms(alarms: AlarmReader, { guardrails }: Plan): Promise<Findings> {
  const alarmGuardrails = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  const verdicts = await Promise.all(
    alarmGuardrails.map(async (guardrail) => {
      const reading = await alarms.readAlarm(guardrail.alarmName);
      const verdict = judgeAlarm(guardrail, reading);
      if (reading.kind === 'failed' && reading.isTransient)
        throw retryableFailure('Unavailable', verdict.message);
      return verdict;
    }),
  );
  return verdicts
    .filter(({ result, reason }) => result !== 'pass' && reason !== 'alarmInsufficientData')
    .map(({ message }) => message);
}
