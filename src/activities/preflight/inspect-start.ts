/** The start of a rollout: the live endpoint, and all that is in the way. Reads only. */
import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { DescribeModelOutput, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { WorkerAccount } from '../aws/account.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { AlarmReader } from '../alarms/alarm-reader.js';
import type { MetricCatalogue } from '../metrics/metric-catalogue.js';
import type { SeriesReader } from '../metrics/metric-reader.js';
import type { SpacingReader } from '../metrics/metric-spacing.js';
import { checkAlarms } from '../alarms/check-alarms.js';
import { checkEncryption } from './check-encryption.js';
import { checkGoalCounts } from './metrics/check-goal-counts.js';
import { checkEndpoint } from './check-endpoint.js';
import { checkMetricWindows } from './metrics/check-metric-windows.js';
import { checkMetrics } from './check-metrics.js';
import { checkModels } from './check-models.js';
import { checkNames } from './check-names.js';
import { checkPermissions } from './check-permissions.js';
import { checkQuotas } from './check-quotas.js';
import { chooseCandidate } from './choose-candidate.js';
import type { InstanceQuotaReader } from './instance-quotas.js';
import type { PermissionReader } from './permissions.js';
import { scalingWarnings } from './scaling-warnings.js';
import { checkVariantSettings, variantSettingsWarnings } from '../endpoint/variant-settings.js';

export interface InspectionReaders {
  sagemaker: SageMakerClient;
  autoscaling: ApplicationAutoScalingClient;
  account: WorkerAccount;
  alarms: AlarmReader;
  catalogue: MetricCatalogue;
  spacings: SpacingReader;
  metrics: SeriesReader;
  quotas: InstanceQuotaReader;
  /** Null: the caller is not the one who carries out the rollout. */
  permissions: PermissionReader | null;
}

export interface Inspection {
  starting: InitialEndpoint;
  /** Obstacles to the rollout, all of them. */
  findings: string[];
  /** For people. */
  warnings: string[];
  /** Models that the spec names and that exist. */
  models: Record<Role, DescribeModelOutput | null>;
}

/** `nowMs`: milliseconds since the epoch. */
export async function inspectStart(
  readers: InspectionReaders,
  plan: Plan,
  nowMs: number,
): Promise<Inspection> {
  const { sagemaker, autoscaling, account, alarms, catalogue, spacings, metrics, quotas, permissions } =
    readers;
  const accountRead = account.read(plan.endpoint);
  const start = checkEndpoint({ sagemaker, autoscaling }, plan);
  const choice = chooseCandidate(sagemaker, plan);
  const [{ starting, findings }, startedIn, { chosen, ...candidate }, models, quota, permission, ...others] =
    await Promise.all([
      start,
      accountRead,
      choice,
      Promise.all([start, choice]).then(([{ model }, { candidate, chosen }]) =>
        checkModels(sagemaker, { ...plan, models: { ...plan.models, candidate } }, model, chosen),
      ),
      start.then((found) => checkQuotas(quotas, plan, found.starting, nowMs)),
      permissions === null
        ? { findings: [], warnings: [] }
        : Promise.all([start, accountRead]).then(([found, where]) =>
            checkPermissions(permissions, plan, found.starting, where),
          ),
      start.then((found) => checkAlarms(alarms, plan, found.starting)),
      checkNames(sagemaker, plan),
      start.then((found) => checkMetrics(catalogue, plan, found.starting)),
      start.then((found) => checkMetricWindows(spacings, plan, found.starting, nowMs)),
      start.then((found) => checkGoalCounts(metrics, plan, found.starting, nowMs)),
    ]);
  return {
    starting: {
      ...starting,
      ...(startedIn === null ? {} : { startedIn }),
      ...(chosen === null ? {} : { chosen }),
    },
    findings: [
      ...findings,
      ...candidate.findings,
      ...models.findings,
      ...others.flat(),
      ...checkEncryption(plan, starting),
      ...checkVariantSettings(plan, starting),
      ...quota.findings,
      ...permission.findings,
    ],
    warnings: [
      ...(starting.warnings ?? []),
      ...models.warnings,
      ...scalingWarnings(plan, starting),
      ...variantSettingsWarnings(plan, starting),
      ...quota.warnings,
      ...permission.warnings,
    ],
    models: models.existing,
  };
}
