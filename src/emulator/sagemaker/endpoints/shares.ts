import type { Endpoint, Fleet, Variant } from './endpoint-state.js';

/** A variant and its share of the requests to the endpoint, from 0 to 1. */
export interface Share {
  variant: Variant;
  share: number;
}

/** Shares of the serving variants. They add up to 1, or to less if all weights of a fleet are 0. */
export function servingShares(endpoint: Endpoint): Share[] {
  return fleetsOf(endpoint).flatMap(({ fleet, share }) => {
    const sum = fleet.variants.reduce((total, variant) => total + variant.currentWeight, 0);
    if (sum === 0) return [];
    return fleet.variants.map((variant) => ({ variant, share: (share * variant.currentWeight) / sum }));
  });
}

/** Shares of the shadows: weight of the shadow / weight of the production variant, of the requests of their fleet. */
export function shadowShares(endpoint: Endpoint): Share[] {
  return fleetsOf(endpoint).flatMap(({ fleet, share }) => {
    const weight = fleet.variants[0]?.currentWeight ?? 0;
    return fleet.shadows.map((variant) => ({
      variant,
      share: weight > 0 ? share * Math.min(1, variant.currentWeight / weight) : 0,
    }));
  });
}

function fleetsOf(endpoint: Endpoint): { fleet: Fleet; share: number }[] {
  const { second } = endpoint;
  if (!second) return [{ fleet: endpoint, share: 1 }];
  return [
    { fleet: endpoint, share: 1 - second.share },
    { fleet: second.fleet, share: second.share },
  ].filter(({ share }) => share > 0);
}
