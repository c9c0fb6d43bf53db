/** Before the first change to a live endpoint: it is still what the preflight found, which may be days ago. */
import type { EndpointObservation, Starting } from '../../activities/interface/endpoint.js';
import { activities } from '../temporal/activity-proxy.js';
import { mayAdvance } from './wait-until-allowed.js';
import { turnPage } from '../run/continue-as-new.js';
import type { Rollout } from '../run/context.js';

const lookSeconds = 60;

/**
 * Waits until the rollout may advance on the endpoint that it was planned for. Somebody else's config is neither replaced,
 * nor is there a way back to it: whoever has put it there decides.
 */
export async function untilAsFound(run: Rollout): Promise<void> {
  const { state, forward, notices } = run;
  const { starting } = state;
  for (;;) {
    await mayAdvance(run);
    const changed = starting?.kind === 'live' ? await findChange(run, starting) : null;
    if (changed === null) break;
    turnPage(run);
    const { sentence, isUnderWay } = changed;
    if (isUnderWay) state.await(`${sentence}; the deployment waits for its end`, null);
    else if (state.startHold({ reason: 'drift', message: sentence }, null)) notices.send('hold', sentence);
    await forward.untilRetry(lookSeconds * 1000);
  }
  state.release();
}

interface Change {
  sentence: string;
  /** It is over soon, and may come to nothing: autoscaling, for instance. */
  isUnderWay: boolean;
}

const underWay = new Set(['Updating', 'SystemUpdating', 'RollingBack']);

async function findChange({ state }: Rollout, starting: Starting & { kind: 'live' }): Promise<Change | null> {
  const { endpoint, limits } = state.frozen;
  const { observeEndpoint } = activities({
    within: limits.deploySeconds,
    summary: 'is the endpoint still as the preflight found it?',
  });
  const seen = await observeEndpoint({ endpoint });
  const sentence =
    seen === null ? `endpoint ${endpoint} no longer exists` : describeChange(endpoint, seen, starting);
  return sentence === null ? null : { sentence, isUnderWay: underWay.has(seen?.status ?? '') };
}

function describeChange(
  endpoint: string,
  { configName, status }: EndpointObservation,
  before: Starting & { kind: 'live' },
): string | null {
  if (status !== 'InService') return `endpoint ${endpoint} is ${status}`;
  if (configName !== before.configName)
    return `endpoint ${endpoint} is on config ${configName}, not on ${before.configName} as the preflight found it`;
  return null;
}
