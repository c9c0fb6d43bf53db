/** The difference that a rollout would make to the live endpoint: `penstock plan --from-aws`. Pure. */
import type { DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import { configDifferences, type ConfigDifferences } from '../../activities/endpoint/config-differences.js';
import type { Account } from '../../activities/interface/account.js';
import type { InitialEndpoint, ModelNetwork } from '../../activities/interface/endpoint.js';
import type { VariantScaling } from '../../activities/interface/scaling.js';
import type { ResourceTags } from '../../activities/interface/tags.js';
import { networkOf, networkOfMade } from '../../activities/preflight/check-models.js';
import type { Inspection } from '../../activities/preflight/inspect-start.js';
import type { ModelPlan } from '../../plan/compiled/model-plan.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import {
  plannedDeployments,
  type PlannedDeployment,
} from '../../workflows/deployment/planned-deployments.js';

export interface Preview {
  endpoint: string;
  /** Null: AWS's answers do not name it. */
  account: Account | null;
  /** ARN of the caller, whose permissions are not those of the worker. Null: unknown. */
  caller: string | null;
  /** Null: the endpoint does not exist, or its config does not. */
  live: LiveEndpoint | null;
  /** `baseline` null: nothing serves before the candidate. */
  models: Record<Role, PreviewedModel | null>;
  /** In the order of the rollout. Empty if a refusal leaves them open. */
  stages: PreviewedStage[];
  /** Obstacles that the preflight would find. */
  refusals: string[];
  /** Warnings of the preflight. */
  warnings: string[];
}

type LiveEndpoint = Pick<
  InitialEndpoint & { kind: 'live' },
  'configName' | 'madeBy' | 'variantName' | 'modelName' | 'instanceType' | 'count' | 'tags' | 'scaling'
>;

export interface PreviewedModel {
  name: string;
  /** The rollout makes the model. */
  isMade: boolean;
  /** ARN of the model package version that it is made from. Null: of none, or there is none in the group. */
  version: string | null;
  /** Null: unknown, because the model could not be read. */
  network: ModelNetwork | null;
}

export interface PreviewedStage {
  arrangement: DeploymentShape['kind'];
  endpoint: string;
  config: string;
  /** Null: the endpoint stays on its config, and only its autoscaling changes. */
  differences: ConfigDifferences | null;
  tags: ResourceTags;
  /** By variant. Null: no autoscaling. */
  scaling: Record<string, VariantScaling> | null;
}

export function previewOf(
  plan: Plan,
  { starting, findings, warnings, models }: Inspection,
  caller: string | null,
): Preview {
  const { endpoint } = plan;
  const previewed = {
    baseline: modelOf(plan.models.baseline, starting, models.baseline),
    candidate: modelOf(plan.models.candidate, starting, models.candidate),
  };
  return {
    endpoint,
    account: starting.startedIn ?? null,
    caller,
    live: starting.kind === 'live' ? liveOf(starting) : null,
    models: previewed,
    stages: stagesOf(plan, starting, previewed),
    refusals: findings,
    warnings,
  };
}

function liveOf(starting: InitialEndpoint & { kind: 'live' }): LiveEndpoint {
  const { configName, madeBy, variantName, modelName, instanceType, count, tags, scaling } = starting;
  return { configName, madeBy, variantName, modelName, instanceType, count, tags, scaling };
}

/** A model that the rollout makes has the network of the live one, unless its settings have another. */
function modelOf(
  model: ModelPlan,
  starting: InitialEndpoint,
  existing: DescribeModelOutput | null,
): PreviewedModel | null {
  const live = starting.kind === 'live' ? starting : null;
  switch (model.kind) {
    case 'none':
      return null;
    case 'live':
      return live === null
        ? null
        : { name: live.modelName, isMade: false, version: null, network: live.network };
    case 'model':
      return {
        name: model.modelName,
        isMade: false,
        version: null,
        network: existing === null ? null : networkOf(existing),
      };
    case 'package':
    case 'train':
    case 'group':
      return {
        name: model.modelName,
        isMade: true,
        version: versionOf(model, starting),
        network: networkOfMade(live?.network ?? {}, model.settings),
      };
  }
}

/** A rollout that starts later chooses again. */
function versionOf(model: ModelPlan, { chosen }: InitialEndpoint): string | null {
  if (model.kind === 'package') return model.arn;
  return model.kind === 'group' ? (chosen?.arn ?? null) : null;
}

/** The deployments need a model, and instances of a known type. */
function stagesOf(plan: Plan, starting: InitialEndpoint, models: Preview['models']): PreviewedStage[] {
  const { baseline, candidate } = models;
  const isKnown =
    starting.kind === 'live'
      ? starting.modelName !== '' && starting.instanceType !== ''
      : plan.serve.instanceType !== null && plan.serve.count !== null;
  const lacksBaseline = baseline === null && plan.models.baseline.kind !== 'none';
  if (candidate === null || lacksBaseline || !isKnown) return [];
  const variants = variantNamesOf(plan, starting.kind === 'live' ? starting.variantName : null);
  const names = { baseline: baseline?.name ?? null, candidate: candidate.name };
  return plannedDeployments({ plan, starting, models: names, variants, peakBaselineCount: null }).map(
    stageOf,
  );
}

function stageOf({ arrangement, endpoint, deployment }: PlannedDeployment): PreviewedStage {
  const { configName, owned, scaling, tags } = deployment;
  return {
    ...{ arrangement, endpoint, scaling },
    config: configName,
    differences: owned ? configDifferences(deployment) : null,
    tags: tags.config,
  };
}
