/** Traffic for tests: the baseline's variant `main`, and the candidate's. */
import type { TrafficArm, ArmTraffic } from '../../../src/activities/interface/traffic.js';

export const rolloutId = 'digits-1a2b3c4d';
export const candidateVariant = 'b-1a2b3c4d';

export function armAt(endpoint: string, variant: string, configName: string, shadow = false): TrafficArm {
  return { endpoint, variant, configName, shadow };
}

/** Both on the endpoint `digits`. */
export function variantsTraffic(configName: string, shadow = false): ArmTraffic {
  return {
    topology: 'variants',
    arms: {
      baseline: armAt('digits', 'main', configName),
      candidate: armAt('digits', candidateVariant, configName, shadow),
    },
  };
}

/** An endpoint each: `digits`, and one of the rollout's name. */
export const endpointsTraffic: ArmTraffic = {
  topology: 'endpoints',
  arms: {
    baseline: armAt('digits', 'main', 'digits-config'),
    candidate: armAt(rolloutId, candidateVariant, `${rolloutId}-b`),
  },
};
