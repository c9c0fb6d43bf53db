/** An account with a live endpoint and a model package group. */
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeModelPackageCommand,
  UpdateModelPackageCommand,
  type DescribeModelPackageOutput,
  type ModelApprovalStatus,
} from '@aws-sdk/client-sagemaker';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { timelineQuery } from '../../../src/workflows/messages.js';
import { role } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, workflowId } from '../waits/ranker-rollout.js';

export const group = 'rankers';

export async function openWithGroup(
  options: Partial<SimulationOptions> = {},
  names = { endpoint, group },
): Promise<Simulation> {
  const simulation = await openWithEndpoint(names.endpoint, options);
  const command = new CreateModelPackageGroupCommand({ ModelPackageGroupName: names.group });
  await simulation.aws.sagemaker.send(command);
  return simulation;
}

/** The ARN of a new version. */
export async function addVersion(
  { aws }: Simulation,
  ModelApprovalStatus: ModelApprovalStatus = 'Approved',
  ModelPackageGroupName = group,
): Promise<string> {
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName,
    ModelApprovalStatus,
    InferenceSpecification: {
      Containers: [{ Image: 'simulated/ranker', ModelDataUrl: 's3://bucket/model.tar.gz' }],
    },
    CustomerMetadataProperties: { owner: 'search' },
  });
  return (await aws.sagemaker.send(command)).ModelPackageArn!;
}

export async function approve({ aws }: Simulation, ModelPackageArn: string): Promise<void> {
  const command = new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' });
  await aws.sagemaker.send(command);
}

export function describeVersion({ aws }: Simulation, arn: string): Promise<DescribeModelPackageOutput> {
  return aws.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
}

export async function marksOf(simulation: Simulation, arn: string): Promise<Record<string, string>> {
  return (await describeVersion(simulation, arn)).CustomerMetadataProperties ?? {};
}

export const newest = { group, approved: 'newest', role };

/** `writeBack`: default: as the spec's default. */
export const groupSpec = (candidate: object = newest, writeBack?: unknown, fields: object = {}) =>
  specOf(endpoint, {
    models: { baseline: 'live', candidate, ...(writeBack === undefined ? {} : { writeBack }) },
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

export async function timelineOf({ temporal }: Simulation): Promise<string[]> {
  return (await temporal.handle(workflowId).query(timelineQuery)).map(({ message }) => message);
}

/** The models that rollouts make from now on fail, or no longer do. */
export function madeModelsFail({ emulator }: Simulation, errorRate: number): Promise<unknown> {
  return Promise.resolve(emulator.setBehaviour({ model: `${endpoint}-*-b`, errorRate }));
}
