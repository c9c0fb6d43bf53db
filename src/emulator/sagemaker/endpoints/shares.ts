import type { Endpoint, Fleet, Variant } from './endpoint-state.js';

/** A variant and its part of the endpoint's requests, from 0 to 1. */
export interface Share {
  variant: Variant;
  share: number;
}

/** Who answers requests now. The parts add up to 1, or to less where a fleet's weights are all 0. */
export function servingShares(endpoint: Endpoint): Share[] {
  return fleetsOf(endpoint).flatMap(({ fleet, share }) => {
    const sum = fleet.variants.reduce((total, variant) => total + variant.currentWeight, 0);
    if (sum === 0) return [];
    return fleet.variants.map((variant) => ({ variant, share: (share * variant.currentWeight) / sum }));
  });
}

/** Who is sent copies of requests: the shadow's weight over the production variant's is the part of its fleet's requests. */
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
