/** Differences between `serve.variant` and the baseline's variant. */
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { hasOwnDisks } from '../../plan/compiled/own-disks.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import { hashOf } from '../aws/ownership.js';

/** Obstacles that the spec does not show, because the instance type is the live baseline's. */
export function checkVariantSettings({ serve }: Plan, starting: InitialEndpoint): string[] {
  if (starting.kind === 'absent' || serve.variant?.['VolumeSizeInGB'] === undefined) return [];
  const instanceType = serve.instanceType ?? starting.instanceType;
  return hasOwnDisks(instanceType)
    ? [`serve.variant sets VolumeSizeInGB, but ${instanceType} has disks of its own; remove it`]
    : [];
}

/** A message for each member of the baseline's variant that the candidate's does not get. */
export function variantSettingsWarnings({ serve }: Plan, starting: InitialEndpoint): string[] {
  if (starting.kind === 'absent' || serve.variant === undefined) return [];
  const { variantName, settings } = starting;
  const live = settings.ProductionVariants?.find(({ VariantName }) => VariantName === variantName);
  return differences(serve.variant, live ?? {}, '').map(
    (difference) => `serve.variant: the candidate has ${difference} of ${variantName}, which serves`,
  );
}

function differences(settings: object, live: object, path: string): string[] {
  return Object.entries(settings).flatMap(([member, value]: [string, unknown]) => {
    const before = (live as AwsMembers)[member];
    const at = `${path}${member}`;
    if (before === undefined || hashOf({ before }) === hashOf({ before: value })) return [];
    if (!isStructure(before) || !isStructure(value))
      return [`${at} ${JSON.stringify(value)} instead of the ${JSON.stringify(before)}`];
    const lost = Object.keys(before).filter((name) => !Object.hasOwn(value, name));
    return [
      ...lost.map((name) => `no ${at}.${name}, unlike the ${JSON.stringify(before[name])}`),
      ...differences(value, before, `${at}.`),
    ];
  });
}

function isStructure(value: unknown): value is AwsMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
