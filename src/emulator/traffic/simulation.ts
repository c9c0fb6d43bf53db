import type { Random } from '../account/random.js';
import { type Behaviour, type BehaviourProfile, type ConditionContext, slicesOf } from './behaviours.js';
import type { InvocationTally } from './tally.js';

/** How many requests; bots never convert. */
export interface Requests {
  people: number;
  bots: number;
}

/** Draws which of the requests go the way that has this share. */
export function mirrorRequests(random: Random, requests: Requests, share: number): Requests {
  return {
    people: random.binomial(requests.people, Math.min(1, share)),
    bots: random.binomial(requests.bots, Math.min(1, share)),
  };
}

/** What a variant makes of the requests. The cost depends on the slices of users, not on the number of requests. */
export function simulateRequests(
  random: Random,
  behaviour: Omit<Behaviour, 'model'>,
  situation: ConditionContext,
  requests: Requests,
  tally: InvocationTally,
): void {
  let left = requests;
  let shareLeft = 1;
  for (const { share, conduct } of slicesOf(behaviour, situation)) {
    const slice = mirrorRequests(random, left, share / shareLeft);
    left = { people: left.people - slice.people, bots: left.bots - slice.bots };
    shareLeft -= share;
    simulateSlice(random, conduct, behaviour.errorBurst ?? 1, slice, tally);
    tally.addBatch({
      at: situation.now,
      requests: slice.people + slice.bots,
      latencyMs: conduct.latencyMs ?? null,
    });
  }
}

function simulateSlice(
  random: Random,
  conduct: BehaviourProfile,
  errorBurst: number,
  { people, bots }: Requests,
  tally: InvocationTally,
): void {
  const requests = people + bots;
  if (requests === 0) return;
  const serverErrors = random.burstyBinomial(requests, conduct.errorRate ?? 0, errorBurst);
  const clientErrors = drawAmong(random, requests, serverErrors, conduct.clientErrorRate);
  const failed = serverErrors + clientErrors;
  const broken = drawAmong(random, requests, failed, conduct.modelErrorRate);
  const good = requests - failed - broken;
  tally.count('serverError', serverErrors);
  tally.count('clientError', clientErrors);
  tally.count('broken', broken);
  tally.count('ok', good);
  tally.countConversions(
    requests,
    random.binomial(random.binomial(good, people / requests), conduct.conversionRate ?? 0),
  );
}

/** Rates are of all requests, so among the rest they are higher. */
function drawAmong(random: Random, requests: number, failed: number, rate = 0): number {
  const rest = requests - failed;
  return rest > 0 ? random.binomial(rest, Math.min(1, (rate * requests) / rest)) : 0;
}
