/** Plays one scenario: the real workflow and activities, in an emulated account, on a simulated clock. */
import { reportOn } from '../report/report-on.js';
import type { Rehearsal } from '../report/rehearsal-report.js';
import { RehearsedRollout, type RehearsalRequest } from './rehearsed-rollout.js';

export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const rollout = await RehearsedRollout.open(request);
  try {
    await rollout.play();
    return await reportOn(rollout);
  } finally {
    await rollout.close();
  }
}
