/** The check right before a change. */
import type { RolloutContext } from '../run/context.js';
import type { RequiredKnowledge } from '../messages.js';
import { guardrailsInUse } from './applicable-guardrails.js';
import { neededKnowledge } from './guard.js';
import { unknownReason } from './policy.js';
import { type WatchTarget, withWatch } from './watch.js';

/** Bakes and waits have judged what was before. The span is longer if a bound has a longer window. */
const recentSeconds = 3_600;

/**
 * Checks alarms, drift, and the bounds on the requests that the candidate has had recently. `noAlarmFiring`: only a
 * firing alarm and drift count. `allRead`: for a candidate without traffic, whose guardrails have no data. `allKnown`: none
 * may be unknown.
 */
export function checkBeforeChange(
  run: RolloutContext,
  need: RequiredKnowledge = neededKnowledge(run),
): Promise<void> {
  return check(run, { need });
}

/**
 * Checks before a change is attempted again. The first attempt may have changed the endpoint, so that is no drift. Before the
 * deployment there is nothing to check.
 */
export async function checkDuringChange(run: RolloutContext, need: RequiredKnowledge): Promise<void> {
  if (run.state.weights !== null) await check(run, { need, isChanging: true });
}

function check(run: RolloutContext, target: Pick<WatchTarget, 'need' | 'isChanging'>): Promise<void> {
  const { trafficSince } = run.state;
  const { guardrails } = run.state.plan;
  const windows = guardrails.flatMap((each) => (each.kind === 'bound' ? [each.windowSeconds] : []));
  const recentMs = Math.max(recentSeconds, ...windows) * 1000;
  const lastCheck: WatchTarget = {
    ...target,
    mode: 'lastCheck',
    seconds: 0,
    since: Math.max(trafficSince ?? Date.now(), Date.now() - recentMs),
    guardrails: () => guardrailsInUse(run).filter(({ kind }) => kind !== 'comparison'),
  };
  return withWatch(run, lastCheck, async (watch) => {
    for (;;) {
      const report = await watch.round();
      if (report?.kind === 'clear') return;
      const { need } = target;
      if (report?.kind === 'undecided' && need !== 'allKnown' && unknownReason(report, need, []) === null)
        return;
    }
  });
}
