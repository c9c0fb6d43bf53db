/** Before the first change to a live endpoint: it is still what the preflight found, which may be days ago. */
import type { EndpointObservation, InitialEndpoint } from '../../activities/interface/endpoint.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { continueAsNewIfNeeded } from '../run/continue-as-new.js';
import type { RolloutContext } from '../run/context.js';

const pollSeconds = 60;

/**
 * Waits until the rollout may advance on the endpoint that it was planned for. Somebody else's config is neither replaced,
 * nor is there a way back to it: whoever has put it there decides.
 */
export async function waitForUnchangedEndpoint(run: RolloutContext): Promise<void> {
  const { state, forward, notifications } = run;
  const { starting } = state;
  for (;;) {
    await waitUntilAllowed(run);
    const changed = starting?.kind === 'live' ? await findChange(run, starting) : null;
    if (changed === null) break;
    continueAsNewIfNeeded(run);
    const { message, isInProgress } = changed;
    if (isInProgress) state.setWaitingFor(`${message}; the deployment waits for its end`, null);
    else if (state.startHold({ reason: 'drift', message }, null)) notifications.send('hold', message);
    await forward.sleepUntilRetry(pollSeconds * 1000);
  }
  state.release();
}

interface UnexpectedChange {
  message: string;
  /** It is over soon, and may come to nothing: autoscaling, for instance. */
  isInProgress: boolean;
}

const underWay = new Set(['Updating', 'SystemUpdating', 'RollingBack']);

async function findChange(
  { state }: RolloutContext,
  starting: InitialEndpoint & { kind: 'live' },
): Promise<UnexpectedChange | null> {
  const { endpoint, limits } = state.plan;
  const { observeEndpoint } = proxyRolloutActivities({
    scheduleToCloseSeconds: limits.deploySeconds,
    summary: 'is the endpoint still as the preflight found it?',
  });
  const seen = await observeEndpoint({ endpoint });
  const message =
    seen === null ? `endpoint ${endpoint} no longer exists` : describeChange(endpoint, seen, starting);
  return message === null ? null : { message, isInProgress: underWay.has(seen?.status ?? '') };
}

function describeChange(
  endpoint: string,
  { configName, status }: EndpointObservation,
  before: InitialEndpoint & { kind: 'live' },
): string | null {
  if (status !== 'InService') return `endpoint ${endpoint} is ${status}`;
  if (configName !== before.configName)
    return `endpoint ${endpoint} is on config ${configName}, not on ${before.configName} as the preflight found it`;
  return null;
}
