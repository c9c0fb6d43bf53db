/** How the config of a deployment differs from the one that serves, for people. No I/O. */
import { isDeepStrictEqual } from 'node:util';
import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import type { DesiredDeployment } from '../interface/deployment.js';
import { configRequest } from './config-request.js';
import { copiedVariant } from './copied-variant.js';

export interface MemberChange {
  member: string;
  /** Absent: the live config does not have the member. */
  before?: unknown;
  /** Absent: the new config does not have it. */
  after?: unknown;
  /** Why the new config cannot have it. */
  reason?: string;
}

export interface MemberDifferences {
  kept: string[];
  changed: MemberChange[];
  added: MemberChange[];
  omitted: MemberChange[];
}

export interface VariantDifferences extends MemberDifferences {
  name: string;
  isShadow: boolean;
  /** The live variant that it is, or that it is a copy of. Null: no endpoint is live. */
  comparedWith: string | null;
}

export interface ConfigDifferences extends MemberDifferences {
  variants: VariantDifferences[];
  /** Live variants that the config lacks. */
  removedVariants: string[];
}

type ConfigMembers = Readonly<Record<string, unknown>>;

/** Compares what CreateEndpointConfig would get with the config that `deployment` is based on. */
export function configDifferences(deployment: DesiredDeployment): ConfigDifferences {
  const { base } = deployment;
  const request = configRequest(deployment);
  const { ProductionVariants = [], ShadowProductionVariants = [] } = request;
  const live = base?.ProductionVariants ?? [];
  return {
    ...compareMembers(ofConfig(base ?? {}), ofConfig(request)),
    variants: [
      ...ProductionVariants.map((variant) => variantDifferences(variant, false, deployment)),
      ...ShadowProductionVariants.map((variant) => variantDifferences(variant, true, deployment)),
    ],
    removedVariants: live
      .map(({ VariantName = '' }) => VariantName)
      .filter((name) => ![...ProductionVariants, ...ShadowProductionVariants].some(isNamed(name))),
  };
}

/** Variants are compared one by one. */
const notCompared = ['EndpointConfigName', 'ProductionVariants', 'ShadowProductionVariants'];

function ofConfig(config: object): ConfigMembers {
  return Object.fromEntries(Object.entries(config).filter(([member]) => !notCompared.includes(member)));
}

function variantDifferences(
  { VariantName: name = '', ...after }: ProductionVariant,
  isShadow: boolean,
  { base, copies }: DesiredDeployment,
): VariantDifferences {
  const live = base?.ProductionVariants ?? [];
  const original = live.find(isNamed(name)) ?? live.find(isNamed(copies));
  const { VariantName: comparedWith = null, ...before } = original ?? {};
  const reasons = original === undefined ? [] : copiedVariant(original, after.InstanceType ?? '').omitted;
  return { name, isShadow, comparedWith, ...compareMembers(before, after, reasons) };
}

function isNamed(name: string | null) {
  return ({ VariantName }: ProductionVariant): boolean => VariantName === name;
}

function compareMembers(
  before: ConfigMembers,
  after: ConfigMembers,
  reasons: readonly { member: string; reason: string }[] = [],
): MemberDifferences {
  const has = (members: ConfigMembers, member: string) => members[member] !== undefined;
  const found = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const both = found.filter((member) => has(before, member) && has(after, member));
  const isKept = (member: string) => isDeepStrictEqual(before[member], after[member]);
  return {
    kept: both.filter(isKept),
    changed: both
      .filter((member) => !isKept(member))
      .map((member) => ({ member, before: before[member], after: after[member] })),
    added: found
      .filter((member) => !has(before, member) && has(after, member))
      .map((member) => ({ member, after: after[member] })),
    omitted: found
      .filter((member) => has(before, member) && !has(after, member))
      .map((member) => {
        const reason = reasons.find((omitted) => omitted.member === member)?.reason;
        return { member, before: before[member], ...(reason === undefined ? {} : { reason }) };
      }),
  };
}
