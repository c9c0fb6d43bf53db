/** Autoscaling of both variants: the candidate scales as the baseline does, and the survivor as the baseline did. Pure. */
import type { VariantPolicy, VariantScaling } from '../../activities/interface/scaling.js';

interface ScaledVariant {
  endpoint: string;
  variant: string;
}

/** A baseline that loses its traffic keeps its instances, because a rollback must not wait for them. */
export function withoutScaleIn(scaling: VariantScaling): VariantScaling {
  return { ...scaling, suspended: { ...scaling.suspended, DynamicScalingInSuspended: true } };
}

/**
 * The same scaling for another variant. Predefined metrics follow the variant of their target; a customized metric names its
 * variant.
 */
export function scalingFor(scaling: VariantScaling, from: ScaledVariant, to: ScaledVariant): VariantScaling {
  const renamed = (name: unknown, value: unknown) => {
    if (name === 'VariantName' && value === from.variant) return to.variant;
    return name === 'EndpointName' && value === from.endpoint ? to.endpoint : value;
  };
  return { ...scaling, policies: scaling.policies.map((policy) => renameDimensions(policy, renamed)) };
}

function renameDimensions(
  policy: VariantPolicy,
  renamed: (name: unknown, value: unknown) => unknown,
): VariantPolicy {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, inner]) => [name, visit(inner)] as const);
    const copy = Object.fromEntries(members) as Record<string, unknown>;
    return 'Name' in copy && 'Value' in copy
      ? { ...copy, Value: renamed(copy['Name'], copy['Value']) }
      : copy;
  };
  return visit(policy) as VariantPolicy;
}
