import type { LiveStatus } from '../../client.js';

/** Percent of the requests that a shadow variant gets copies of. Null for a variant that serves users. */
export function mirroredPercent({ observation }: LiveStatus, variant: { name: string }): number | null {
  const shadow = observation?.variants.find(({ name, shadow }) => shadow && name === variant.name);
  const serving = observation?.variants.filter(({ shadow }) => !shadow) ?? [];
  const sum = serving.reduce((total, { currentWeight }) => total + currentWeight, 0);
  return shadow === undefined || sum === 0 ? null : Math.min(100, (shadow.currentWeight / sum) * 100);
}
