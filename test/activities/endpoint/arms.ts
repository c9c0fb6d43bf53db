/** Traffic for tests: the baseline's variant `main`, and the candidate's. */
import type { TrafficArm, ArmTraffic } from '../../../src/activities/interface/traffic.js';

export const rolloutId = 'digits-1a2b3c4d';
export const candidateVariant = 'b-1a2b3c4d';

export function armAt(endpoint: string, variant: string, configName: string, shadow = false): TrafficArm {
  return { endpoint, variant, configName, shadow };
}

/** Both arms on the endpoint `digits`. */
export function variantsTraffic(configName: string, shadow = false): ArmTraffic {
  return {
    topology: 'variants',
    arms: {
      baseline: armAt('digits', 'main', configName),
      candidate: armAt('digits', candidateVariant, configName, shadow),
    },
  };
}

/** One endpoint for each arm: `digits`, and one named after the rollout. */
export const endpointsTraffic: ArmTraffic = {
  topology: 'endpoints',
  arms: {
    baseline: armAt('digits', 'main', 'digits-config'),
    candidate: armAt(rolloutId, candidateVariant, `${rolloutId}-b`),
  },
};
