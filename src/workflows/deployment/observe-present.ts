import type { EndpointObservation } from '../../activities/interface/endpoint.js';
import type { RolloutContext } from '../run/context.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { failureOf } from '../temporal/stop.js';

const observeWithinSeconds = 5;

/** An autoscaler can have scaled since the last poll. If the endpoint cannot be read at once, that poll counts. */
export async function observePresent({ state }: RolloutContext): Promise<EndpointObservation | null> {
  const { observeEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: observeWithinSeconds,
    startToCloseSeconds: observeWithinSeconds,
    summary: 'observe the endpoint',
  });
  try {
    return await observeEndpoint({ endpoint: state.plan.endpoint });
  } catch (error) {
    if (failureOf(error) === null) throw error;
    return state.observation;
  }
}
