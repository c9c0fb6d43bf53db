import type { LiveStatus } from '../../client.js';

/** How much of the requests a shadow variant gets copies of, in percent; null for a variant that answers users. */
export function mirroredPercent({ observation }: LiveStatus, variant: { name: string }): number | null {
  const shadow = observation?.variants.find(({ name, shadow }) => shadow && name === variant.name);
  const answering = observation?.variants.filter(({ shadow }) => !shadow) ?? [];
  const sum = answering.reduce((total, { currentWeight }) => total + currentWeight, 0);
  return shadow === undefined || sum === 0 ? null : Math.min(100, (shadow.currentWeight / sum) * 100);
}
