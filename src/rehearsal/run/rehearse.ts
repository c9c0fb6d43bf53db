/** Plays one scenario: the real workflow and activities, in an emulated account, on a simulated clock. */
import type { PollSpan } from '../../simulation/joined-polls.js';
import { reportOn } from '../report/report-on.js';
import type { Rehearsal } from '../report/rehearsal-report.js';
import { RehearsedRollout, type RehearsalRequest } from './rehearsed-rollout.js';

/** After so many repetitions, the rest is played with every poll. */
const maxUnclear = 4;

/** Plays most of a long watch with few polls, and again with every poll of the spans in which something was decided. */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const everyPollWithin: PollSpan[] = [];
  for (;;) {
    const rollout = await RehearsedRollout.open(request, everyPollWithin);
    try {
      await rollout.play();
      const { unclear } = rollout.simulation;
      if (unclear === null) return await reportOn(rollout);
      const isLast = everyPollWithin.length + 1 === maxUnclear;
      everyPollWithin.push(isLast ? { ...unclear, toMs: Infinity } : unclear);
    } finally {
      await rollout.close();
    }
  }
}
