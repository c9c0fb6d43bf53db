/** Creates a rehearsed account in a simulation: models, endpoint, packages, alarms and traffic. */
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeModelPackageCommand,
  type InferenceSpecification,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Simulation } from '../../simulation/simulation.js';
import { isForCandidate, type RehearsedAccount, type RehearsedAlarm } from './rehearsed-account.js';

/** Also the account id of the ARNs in a spec, if they agree. */
const defaultAccountId = '123456789012';
const defaultRegion = 'us-east-1';
const executionRole = `arn:aws:iam::${defaultAccountId}:role/rehearsal`;
/** Longer than the creation of the endpoint, and long enough for alarms and metrics to have data. */
export const warmUpSeconds = 1_800;

export const alarmNamespace = 'Penstock/Rehearsal';
export const failedRequestsMetric = 'FailedRequests';

/** The account and the region that the model packages of the spec are in. */
export function identityOf({ models }: Plan): { account: string; region: string } {
  const [, , , region = defaultRegion, account = defaultAccountId] =
    Object.values(models)
      .flatMap((model) => (model.kind === 'package' ? [model.arn] : []))[0]
      ?.split(':') ?? [];
  return { account, region };
}

export function liveModelOf({ endpoint }: Plan): string {
  return `${endpoint}-live`;
}

/** Everything that exists before the rollout. The endpoint is in service and has traffic when this resolves. */
export async function buildAccount(
  { aws, emulator, temporal }: Simulation,
  plan: Plan,
  account: RehearsedAccount,
): Promise<void> {
  const { sagemaker, cloudwatch } = aws;
  for (const model of Object.values(plan.models)) await createSource(sagemaker, model);
  await emulator.setTraffic({ endpoint: plan.endpoint, ...rehearsedTrafficOf(account) });
  if (account.endpoint !== null) await createLive(sagemaker, plan, account.endpoint);
  await temporal.skip((warmUpSeconds / 2) * 1000);
  for (const alarm of account.alarms)
    await cloudwatch.send(new PutMetricAlarmCommand(alarmDefinitionOf(alarm, plan)));
  await temporal.skip((warmUpSeconds / 2) * 1000);
}

/** As the emulator has it. */
export function rehearsedTrafficOf({ traffic }: RehearsedAccount) {
  const { requestsPerSecond, day, week, bots } = traffic;
  return {
    requestsPerSecond,
    ...(day === undefined ? {} : { day }),
    ...(week === undefined ? {} : { week }),
    ...(bots === undefined ? {} : { bots }),
  };
}

async function createSource(sagemaker: SageMakerClient, model: ModelPlan): Promise<void> {
  if (model.kind === 'model') await createModel(sagemaker, model.modelName);
  if (model.kind === 'package') await createPackage(sagemaker, model.arn);
  if (model.kind === 'group') await createVersion(sagemaker, model.group);
}

async function createModel(sagemaker: SageMakerClient, ModelName: string): Promise<void> {
  const PrimaryContainer = { Image: `simulated/${ModelName}` };
  await sagemaker.send(
    new CreateModelCommand({ ModelName, ExecutionRoleArn: executionRole, PrimaryContainer }),
  );
}

/** Versions count from 1, so the earlier versions are created too. */
async function createPackage(sagemaker: SageMakerClient, arn: string): Promise<void> {
  const [group = '', version] = arn.slice(arn.indexOf('/') + 1).split('/');
  if (version === undefined) {
    const InferenceSpecification = specificationOf(group);
    await sagemaker.send(new CreateModelPackageCommand({ ModelPackageName: group, InferenceSpecification }));
    return;
  }
  while (!(await exists(sagemaker, arn))) await createVersion(sagemaker, group);
}

/** An approved version of the group, which can be new. */
async function createVersion(sagemaker: SageMakerClient, ModelPackageGroupName: string): Promise<void> {
  await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName })).catch(ignoreExisting);
  await sagemaker.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName,
      InferenceSpecification: specificationOf(ModelPackageGroupName),
      ModelApprovalStatus: 'Approved',
    }),
  );
}

function specificationOf(group: string): InferenceSpecification {
  return {
    Containers: [{ Image: `simulated/${group}` }],
    SupportedContentTypes: ['application/json'],
    SupportedResponseMIMETypes: ['application/json'],
  };
}

async function exists(sagemaker: SageMakerClient, arn: string): Promise<boolean> {
  try {
    await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'ValidationException') return false;
    throw error;
  }
}

/** The other model of the spec is a version of the same group. */
function ignoreExisting(error: unknown): void {
  if (!/already exists/.test((error as Error).message)) throw error;
}

async function createLive(
  sagemaker: SageMakerClient,
  plan: Plan,
  { variantName, instanceType, instances }: NonNullable<RehearsedAccount['endpoint']>,
): Promise<void> {
  const ModelName = liveModelOf(plan);
  await createModel(sagemaker, ModelName);
  const EndpointConfigName = `${plan.endpoint}-live`;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [
        {
          VariantName: variantName,
          ModelName,
          InstanceType: instanceType as never,
          InitialInstanceCount: instances,
        },
      ],
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: plan.endpoint, EndpointConfigName }));
}

export function alarmDefinitionOf(
  alarm: RehearsedAlarm,
  plan: Pick<Plan, 'endpoint' | 'guardrails'>,
): PutMetricAlarmCommandInput {
  if (alarm.kind === 'real') return alarm.definition;
  return {
    AlarmName: alarm.name,
    ...metricOf(alarm, plan),
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
    Threshold: alarm.kind === 'quiet' ? 0 : alarm.failedRequestsAbove,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  };
}

/** The name does not matter: the rollout replaces it by that of the candidate's variant. */
const anyVariant = 'AllTraffic';

function metricOf(
  { kind, name }: RehearsedAlarm,
  plan: Pick<Plan, 'endpoint' | 'guardrails'>,
): Pick<PutMetricAlarmCommandInput, 'Namespace' | 'MetricName' | 'Dimensions'> {
  const ofEndpoint = { Name: 'EndpointName', Value: plan.endpoint };
  const ofVariant = { Name: 'VariantName', Value: anyVariant };
  const Dimensions = isForCandidate(plan, name) ? [ofEndpoint, ofVariant] : [ofEndpoint];
  // A quiet alarm is on a metric without data.
  if (kind === 'quiet') return { Namespace: alarmNamespace, MetricName: 'None', Dimensions };
  return isForCandidate(plan, name)
    ? { Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors', Dimensions }
    : { Namespace: alarmNamespace, MetricName: failedRequestsMetric, Dimensions };
}
