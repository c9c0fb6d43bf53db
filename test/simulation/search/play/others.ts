/** Tells the variants that a rollout must leave as they are from those of the baseline and the candidate. */
import type { ObservedEndpoint } from '../../../../src/emulator/control/controls.js';
import type { Snapshot } from '../../../faults/aws/snapshot.js';
import { leftBy, type Account } from '../scenario.js';

type Others = Pick<Account, 'others'>;
type Variants = ObservedEndpoint['variants'];

export function isOther(name: string, { others }: Others): boolean {
  return others.some((other) => other.name === name);
}

export function withoutOthers(observed: ObservedEndpoint, account: Others): ObservedEndpoint {
  return { ...observed, variants: observed.variants.filter(({ name }) => !isOther(name, account)) };
}

export function othersIn(observed: ObservedEndpoint | null, account: Others): Variants {
  return (observed?.variants ?? []).filter(({ name }) => isOther(name, account));
}

/** The pair's part of the endpoint's users. 1 if the pair has no weight, because then its users are unknown. */
export function pairFractionOf(variants: { name: string; weight: number }[], account: Others): number {
  const sumOf = (each: { weight: number }[]) => each.reduce((sum, { weight }) => sum + weight, 0);
  const pair = sumOf(variants.filter(({ name }) => !isOther(name, account)));
  return pair > 0 ? pair / sumOf(variants) : 1;
}

/** Before the rollout. */
export function firstPairFraction({ others, weight }: Account): number {
  const ofOthers = others.map((other) => ({ name: other.name, weight: leftBy(other).weight }));
  return pairFractionOf([...ofOthers, { name: '', weight }], { others });
}

/** The shares are those of the pair. */
export function snapshotOfPair(snapshot: Snapshot, account: Others): Snapshot {
  const variants = snapshot.served.variants.filter(({ name }) => !isOther(name, account));
  const total = variants.reduce((sum, { share }) => sum + share, 0);
  const ofPair = variants.map((each) => ({ ...each, share: (100 * each.share) / total }));
  return { ...snapshot, served: { ...snapshot.served, variants: ofPair } };
}
