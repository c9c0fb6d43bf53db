/** The models of a rollout exist, may be deployed, and are not the one that serves already. */
import type { DescribeModelOutput, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
import { isMade, type ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { ModelNetwork } from '../interface/endpoint.js';
import type { ChosenVersion } from '../interface/versions.js';
import { checkTargetModels, multiModelWarnings } from '../models/multi-model.js';
import { fetchModel } from '../models/create-model.js';
import { fetchPackage } from '../models/registry.js';

interface ModelChecks {
  /** Obstacles. */
  findings: string[];
  warnings: string[];
  /** Models that the spec names and that exist. */
  existing: Record<Role, DescribeModelOutput | null>;
}

/** `live`: the model that serves; null if none does. `chosen`: null if the plan names the candidate's model. */
export async function checkModels(
  sagemaker: SageMakerClient,
  { models, validation }: Pick<Plan, 'models' | 'validation'>,
  live: DescribeModelOutput | null,
  chosen: ChosenVersion | null,
): Promise<ModelChecks> {
  const [baseline, candidate] = await Promise.all([
    checkModel(sagemaker, models.baseline),
    checkModel(sagemaker, models.candidate),
  ]);
  const candidateModel = candidate.model;
  return {
    findings: [
      ...baseline.findings,
      ...candidate.findings,
      ...(live === null ? [] : servesAlready(models.candidate, live, chosen)),
      ...(candidateModel === null ? [] : checkTargetModels(candidateModel, validation)),
    ],
    warnings:
      live === null
        ? []
        : [
            ...networkWarnings(live, models.candidate, candidateModel),
            ...(candidateModel === null ? [] : multiModelWarnings(live, candidateModel)),
          ],
    existing: { baseline: baseline.model, candidate: candidateModel },
  };
}

/** `model`: only of an existing model. */
async function checkModel(
  sagemaker: SageMakerClient,
  model: ModelPlan,
): Promise<{ findings: string[]; model: DescribeModelOutput | null }> {
  const checked = (...findings: string[]) => ({ findings, model: null });
  switch (model.kind) {
    case 'none':
    case 'live':
    case 'train':
    // The preflight has found no version in the group.
    case 'group':
      return checked();
    case 'model': {
      const found = await fetchModel(sagemaker, model.modelName);
      return found === null
        ? checked(`model ${model.modelName} does not exist`)
        : { findings: [], model: found };
    }
    case 'package': {
      const version = await fetchPackage(sagemaker, model.arn);
      if (version === null) return checked(`model package ${model.arn} does not exist`);
      const status = version.ModelApprovalStatus ?? 'none';
      if (status === 'Approved') return checked();
      return checked(`model package ${model.arn} has approval status ${status}, not Approved`);
    }
  }
}

/** A rollout of the model that serves would divide the users between two equal fleets, and prove nothing. */
function servesAlready(
  candidate: ModelPlan,
  live: DescribeModelOutput,
  chosen: ChosenVersion | null,
): string[] {
  if (candidate.kind === 'model' && candidate.modelName === live.ModelName)
    return [`model ${candidate.modelName} serves already; set models.candidate to another model`];
  if (candidate.kind !== 'package') return [];
  const containers = [live.PrimaryContainer, ...(live.Containers ?? [])];
  if (!containers.some((container) => container?.ModelPackageName === candidate.arn)) return [];
  if (chosen === null)
    return [`model package ${candidate.arn} serves already; set models.candidate to another version`];
  const skipped = chosen.skipped.map(({ version }) => version).join(', ');
  const rolledBack = skipped === '' ? '' : `; rolled back before, and skipped: ${skipped}`;
  return [
    `version ${chosen.version} of model package group ${chosen.group} is the newest approved one, and serves already${rolledBack}; approve a newer version, or name one with package`,
  ];
}

export function networkOf({ VpcConfig, EnableNetworkIsolation }: ModelNetwork): ModelNetwork {
  return {
    ...(VpcConfig === undefined ? {} : { VpcConfig }),
    ...(EnableNetworkIsolation ? { EnableNetworkIsolation } : {}),
  };
}

/** `existing`: the candidate's model; null if the rollout creates it, with the network of the live model and of the settings. */
function networkWarnings(
  live: DescribeModelOutput,
  candidate: ModelPlan,
  existing: DescribeModelOutput | null,
): string[] {
  if (existing !== null)
    return networkDifferences(live, `model ${existing.ModelName ?? ''}`, networkOf(existing));
  if (!isMade(candidate)) return [];
  return networkDifferences(
    live,
    `model ${candidate.modelName}`,
    networkOfMade(networkOf(live), candidate.settings),
  );
}

/** The network of a model that the rollout makes: that of the live one, with the members of the settings. */
export function networkOfMade(live: ModelNetwork, settings: AwsMembers = {}): ModelNetwork {
  return networkOf({ ...live, ...(settings as ModelNetwork) });
}

function networkDifferences(live: DescribeModelOutput, model: string, after: ModelNetwork): string[] {
  const before = networkOf(live);
  const describe = (left: string, right: string) =>
    left === right ? [] : [`${model} ${right}; ${live.ModelName ?? ''}, which serves, ${left}`];
  return [
    ...describe(vpcText(before), vpcText(after)),
    ...describe(isolationText(before), isolationText(after)),
  ];
}

/** The network of a model, for people. */
export function networkText(network: ModelNetwork): string {
  return `${vpcText(network)}, ${isolationText(network)}`;
}

function isolationText({ EnableNetworkIsolation }: ModelNetwork): string {
  return EnableNetworkIsolation ? 'is isolated from the network' : 'is not isolated from the network';
}

function vpcText({ VpcConfig }: ModelNetwork): string {
  if (VpcConfig === undefined) return 'has no VPC';
  const list = (ids: string[] | undefined) => (ids ?? []).toSorted().join(', ');
  return `has subnets ${list(VpcConfig.Subnets)} with security groups ${list(VpcConfig.SecurityGroupIds)}`;
}
