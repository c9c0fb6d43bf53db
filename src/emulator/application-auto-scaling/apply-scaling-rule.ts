import type { AccountState } from '../account/account-state.js';
import { removeTarget } from './targets/remove-target.js';
import { nameOfDimension } from './targets/scalable-resource.js';
import { registerTarget } from './targets/scalable-targets.js';
import { putPolicy } from './policies/scaling-policies.js';
import type { ScalingRule } from './scaling-rule.js';

/** The name that SageMaker's console gives to the policies that it makes. */
const policyName = 'SageMakerEndpointInvocationScalingPolicy';

/** Registers the variant and puts the policy, as a caller would. Throws the error of the service. */
export function applyScalingRule(account: AccountState, rule: ScalingRule): void {
  const resource = resourceOf(rule);
  registerTarget(account, { ...resource, MinCapacity: rule.minCount, MaxCapacity: rule.maxCount });
  const cooldown = rule.cooldownSeconds;
  putPolicy(account, {
    ...{ ...resource, PolicyName: policyName, PolicyType: 'TargetTrackingScaling' },
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: rule.targetInvocationsPerInstance,
      PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      ...(cooldown === undefined ? {} : { ScaleInCooldown: cooldown, ScaleOutCooldown: cooldown }),
    },
  });
}

/** Applies the rules of the emulator's options to an endpoint that has just been created. */
export function applyScalingRulesOf(account: AccountState, endpoint: string): void {
  for (const rule of account.sageMaker.options.scaling ?? [])
    if (rule.endpoint.toLowerCase() === endpoint.toLowerCase())
      applyScalingRule(account, { ...rule, endpoint });
}

/** Deregisters the variant, if it is registered. */
export function endScalingRule(account: AccountState, rule: Pick<ScalingRule, 'endpoint' | 'variant'>): void {
  const target = account.scaling.targets.get(resourceOf(rule).ResourceId);
  if (target) removeTarget(account, target);
}

function resourceOf({ endpoint, variant }: Pick<ScalingRule, 'endpoint' | 'variant'>) {
  return {
    ServiceNamespace: 'sagemaker' as const,
    ResourceId: `endpoint/${endpoint}/variant/${variant}`,
    ScalableDimension: nameOfDimension,
  };
}
