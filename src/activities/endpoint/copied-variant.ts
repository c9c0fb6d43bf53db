/** A candidate's variant begins as a copy of the baseline's. No I/O. */
import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import { hasOwnDisks } from '../../plan/compiled/own-disks.js';

type Member = keyof ProductionVariant;

export interface CopiedVariant {
  variant: ProductionVariant;
  /** Members that the copy lacks, for people. */
  omitted: { member: Member; reason: string }[];
}

/** The members of `original` that another model's variant with this instance type can have. */
export function copiedVariant(original: ProductionVariant, instanceType: string): CopiedVariant {
  const omitted = [
    ...refusedMembers(original),
    ...(instanceType === original.InstanceType ? [] : membersOfType(original, instanceType)),
  ];
  return { variant: without(original, omitted), omitted };
}

/** A variant that a config already has, as a new config can have it. */
export function withoutRefusedMembers(variant: ProductionVariant): ProductionVariant {
  return without(variant, refusedMembers(variant));
}

function without(variant: ProductionVariant, omitted: CopiedVariant['omitted']): ProductionVariant {
  const left = new Set<string>(omitted.map(({ member }) => member));
  return Object.fromEntries(
    Object.entries(variant).filter(([member]) => !left.has(member)),
  ) as ProductionVariant;
}

/**
 * SageMaker refuses it today, also where an older config still has it: "ManagedInstanceScaling is only supported for inference
 * component endpoints." Source: https://github.com/hashicorp/terraform-provider-aws/pull/45926
 */
function refusedMembers({ ManagedInstanceScaling, ModelName }: ProductionVariant): CopiedVariant['omitted'] {
  if (ManagedInstanceScaling === undefined || ModelName === undefined) return [];
  return [
    {
      member: 'ManagedInstanceScaling',
      reason: 'SageMaker accepts it for inference components only',
    },
  ];
}

/** Members that only the original's instance type can have. */
function membersOfType(original: ProductionVariant, instanceType: string): CopiedVariant['omitted'] {
  const omitted: CopiedVariant['omitted'] = [];
  if (original.CapacityReservationConfig !== undefined) {
    const reason = `the reservation is for ${original.InstanceType ?? 'other instances'}`;
    omitted.push({ member: 'CapacityReservationConfig', reason });
  }
  if (original.VolumeSizeInGB !== undefined && hasOwnDisks(instanceType)) {
    const reason = `${instanceType} has disks of its own, of a fixed size`;
    omitted.push({ member: 'VolumeSizeInGB', reason });
  }
  return omitted;
}
