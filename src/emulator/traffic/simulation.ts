import type { Random } from '../account/random.js';
import { type Behaviour, type BehaviourProfile, type ConditionContext, slicesOf } from './behaviours.js';
import type { InvocationTally } from './tally.js';

/** Numbers of requests. Bots never convert. */
export interface Requests {
  people: number;
  bots: number;
}

/** Draws the number of requests that belong to this share. */
export function mirrorRequests(random: Random, requests: Requests, share: number): Requests {
  return {
    people: random.binomial(requests.people, Math.min(1, share)),
    bots: random.binomial(requests.bots, Math.min(1, share)),
  };
}

/** Simulates requests to a variant. The cost depends on the slices of users, not on the number of requests. */
export function simulateRequests(
  random: Random,
  behaviour: Omit<Behaviour, 'model'>,
  context: ConditionContext,
  requests: Requests,
  tally: InvocationTally,
): void {
  let left = requests;
  let shareLeft = 1;
  for (const { share, profile } of slicesOf(behaviour, context)) {
    const slice = mirrorRequests(random, left, share / shareLeft);
    left = { people: left.people - slice.people, bots: left.bots - slice.bots };
    shareLeft -= share;
    simulateSlice(random, profile, behaviour.errorBurst ?? 1, slice, tally);
    tally.addBatch({
      at: context.now,
      requests: slice.people + slice.bots,
      latencyMs: profile.latencyMs ?? null,
    });
  }
}

function simulateSlice(
  random: Random,
  profile: BehaviourProfile,
  errorBurst: number,
  { people, bots }: Requests,
  tally: InvocationTally,
): void {
  const requests = people + bots;
  if (requests === 0) return;
  const serverErrors = random.burstyBinomial(requests, profile.errorRate ?? 0, errorBurst);
  const clientErrors = drawAmong(random, requests, serverErrors, profile.clientErrorRate);
  const failed = serverErrors + clientErrors;
  const broken = drawAmong(random, requests, failed, profile.modelErrorRate);
  const good = requests - failed - broken;
  tally.count('serverError', serverErrors);
  tally.count('clientError', clientErrors);
  tally.count('broken', broken);
  tally.count('ok', good);
  tally.countConversions(
    requests,
    random.binomial(random.binomial(good, people / requests), profile.conversionRate ?? 0),
  );
}

/** Draws failures among the remaining requests. `rate` is a share of all requests, so it is higher among the rest. */
function drawAmong(random: Random, requests: number, failed: number, rate = 0): number {
  const rest = requests - failed;
  return rest > 0 ? random.binomial(rest, Math.min(1, (rate * requests) / rest)) : 0;
}
