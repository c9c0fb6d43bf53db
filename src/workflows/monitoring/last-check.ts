/** The check right before a change. */
import type { RolloutContext } from '../run/context.js';
import type { RequiredKnowledge } from '../messages.js';
import { guardrailsInUse } from './applicable-guardrails.js';
import { neededKnowledge } from './guard.js';
import { type WatchTarget, withWatch } from './watch.js';

/** Bakes and waits have judged what was before. The span is longer if a bound has a longer window. */
const recentSeconds = 3_600;

/**
 * Checks alarms, drift, and the bounds on the requests that the candidate has had recently. `noAlarmFiring`: for a
 * candidate without traffic, whose alarms have no data, so that only a firing alarm and drift count. `allKnown`: no alarm
 * may be unknown.
 */
export function checkBeforeChange(
  run: RolloutContext,
  need: RequiredKnowledge = neededKnowledge(run),
): Promise<void> {
  const { trafficSince } = run.state;
  const { guardrails } = run.state.plan;
  const windows = guardrails.flatMap((each) => (each.kind === 'bound' ? [each.windowSeconds] : []));
  const recentMs = Math.max(recentSeconds, ...windows) * 1000;
  const target: WatchTarget = {
    mode: 'lastCheck',
    need,
    seconds: 0,
    since: Math.max(trafficSince ?? Date.now(), Date.now() - recentMs),
    guardrails: () => guardrailsInUse(run).filter(({ kind }) => kind !== 'comparison'),
  };
  return withWatch(run, target, async (watch) => {
    for (;;) {
      const report = await watch.round();
      if (report?.kind === 'clear') return;
      if (report?.kind === 'undecided' && need === 'noAlarmFiring') return;
    }
  });
}
