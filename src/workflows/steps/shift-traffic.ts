/** Moves traffic between the arms: capacity before weight on the way up, weight before capacity on the way down. */
import type { EndpointObservation } from '../../activities/interface/endpoint.js';
import type { Role, Weights } from '../../plan/compiled/role.js';
import { activities } from '../temporal/activity-proxy.js';
import { lookWhileItMayAdvance, mayAdvance } from './wait-until-allowed.js';
import { lookOnceMore } from './bake.js';
import { countsAt, countsSeen } from '../deployment/capacity.js';
import { divide } from '../traffic/divide.js';
import type { Rollout } from '../run/context.js';
import { publishSplit } from '../traffic/published-split.js';
import { failureCause } from '../temporal/stop.js';

const roles: Role[] = ['baseline', 'candidate'];
const retrySeconds = 60;

/**
 * Once it may advance. A weight change is done when it has been read back. Before the first user meets the candidate,
 * nothing may be firing.
 */
export async function shiftTraffic(run: Rollout, weights: Weights): Promise<void> {
  const { state, forward, notices } = run;
  for (;;) {
    await mayAdvance(run);
    if (!state.trafficMoved && state.weights !== null) await lookWhileItMayAdvance(run, 'firing only');
    const former = state.weights;
    try {
      return await shift(run, weights);
    } catch (error) {
      // Someone else's change is not ours to overwrite: hold until it is taken back, or until someone aborts.
      const cause = failureCause(error);
      if (cause?.type !== 'Drift' || !former) throw error;
      state.wish(former);
      publishSplit(state, state.traffic, former.candidate);
      const hold = { reason: 'drift', message: cause.sentence } as const;
      if (state.startHold(hold, null)) notices.send('hold', cause.sentence);
      const began = Date.now();
      await lookOnceMore(run, 'firing only');
      // What the look sees too it has waited for; what only the change has met is tried again after a while.
      if (Date.now() - began >= retrySeconds * 1000) continue;
      state.startHold(hold, null);
      await forward.untilRetry(retrySeconds * 1000);
      state.release();
    }
  }
}

async function shift(run: Rollout, weights: Weights): Promise<void> {
  const { state } = run;
  const { limits } = state.frozen;
  state.enter('shifting', `candidate to ${weights.candidate} % of the traffic`);
  state.await('the weights to be read back', Date.now() + limits.shiftSeconds * 1000);
  await raiseCounts(run, weights.candidate, limits.shiftSeconds);
  await mayAdvance(run);
  const from = state.weights ?? undefined;
  state.wish(weights);
  await divide(run, weights, limits.shiftSeconds, `candidate to ${weights.candidate} %`, from);
  await lowerCounts(run, weights.candidate);
}

/** Brings both arms to the instances that the share needs, where they have fewer. Never takes any away. */
export async function raiseCounts(run: Rollout, share: number, within: number): Promise<void> {
  const { state } = run;
  const needed = countsAt(state.fleet, share);
  const seen = countsSeen(state.observation, state.variants);
  const counts = each((role) => {
    const has = seen[role];
    return has !== null && has < needed[role] ? { atLeast: needed[role] } : null;
  });
  await setCounts(run, counts, within, 'instances for the traffic to come');
}

/** Takes away what the share no longer needs, as far as nobody else has changed the count meanwhile. */
async function lowerCounts(run: Rollout, share: number): Promise<void> {
  const { state } = run;
  if (state.frozen.serve.capacity === 'full') return;
  const needed = countsAt(state.fleet, share);
  const counts = each((role) => {
    const ours = state.countsAsked[role];
    return ours !== null && ours > needed[role] ? { exactly: needed[role], whileAt: ours } : null;
  });
  await setCounts(
    run,
    counts,
    state.frozen.limits.shiftSeconds,
    'instances that the traffic no longer needs',
  );
}

type CountWish = { atLeast: number } | { exactly: number; whileAt: number } | null;

export async function setCounts(
  { state }: Rollout,
  counts: Record<Role, CountWish>,
  within: number,
  summary: string,
): Promise<EndpointObservation | null> {
  if (roles.every((role) => counts[role] === null)) return null;
  const { setCounts } = activities({ within, summary });
  const observation = await setCounts({ traffic: state.traffic, counts });
  state.observation = observation;
  const seen = countsSeen(observation, state.variants);
  for (const role of roles) if (counts[role] !== null) state.countsAsked[role] = seen[role];
  return observation;
}

function each(wish: (role: Role) => CountWish): Record<Role, CountWish> {
  return { baseline: wish('baseline'), candidate: wish('candidate') };
}
