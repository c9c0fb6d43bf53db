/** Runs one segment over recorded data as the workflow would. Returns when the segment is cleared. */
import { chooseSplit } from '../../activities/monitoring/choose-split.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Experiment } from '../../plan/compiled/step.js';
import { decideInconclusive } from '../../workflows/monitoring/policy.js';
import type { Task } from './planned-segments.js';
import { clearHold, SimulatedWatch, startHold, Stopped, type BacktestState } from './simulated-watch.js';

export interface SegmentRun {
  traffic: ArmTraffic;
  /** Start of an experiment, with its first split. */
  beganMs: number;
  /** End of the segment in the data. Infinity: the last segment. */
  endsMs: number;
  /** The data contains the shares. */
  isRecorded: boolean;
}

/** Throws Stopped. The time is then that of the clearing poll. The caller can continue the watch as a guard. */
export async function watchSegment(
  state: BacktestState,
  task: Task,
  run: SegmentRun,
): Promise<SimulatedWatch> {
  return task.kind === 'bake' ? bake(state, task.seconds, run) : experiment(state, task, run);
}

/** Checks only guardrails until `untilMs`. Throws Stopped. */
export async function guard(state: BacktestState, watch: SimulatedWatch, untilMs: number): Promise<void> {
  while (state.nowMs < untilMs) await watch.round('guard', untilMs);
}

async function bake(
  state: BacktestState,
  seconds: number,
  { traffic, endsMs }: SegmentRun,
): Promise<SimulatedWatch> {
  const watch = new SimulatedWatch(state, { traffic, sinceMs: state.nowMs, seconds, goals: [], endsMs });
  while ((await watch.round('bake')).kind !== 'clear');
  clearHold(state);
  return watch;
}

async function experiment(state: BacktestState, step: Experiment, run: SegmentRun): Promise<SimulatedWatch> {
  const endsMs = run.beganMs + step.maximumSeconds * 1000;
  for (;;) {
    const { adapt } = step;
    // Recorded splits are kept. A split is chosen only if the data has none.
    const sectionMs = adapt === null || run.isRecorded ? Infinity : adapt.everySeconds * 1000;
    const sectionEndsMs = Math.min(endsMs, state.nowMs + sectionMs);
    const watch = await watchSection(state, step, run, { endsMs, sectionEndsMs });
    if (watch !== null) {
      clearHold(state);
      return watch;
    }
    if (adapt !== null) adaptSplit(state, adapt);
  }
}

interface SectionTimes {
  endsMs: number;
  sectionEndsMs: number;
}

/** Null: choose the next split. */
async function watchSection(
  state: BacktestState,
  { minimumSeconds }: Experiment,
  { traffic, beganMs, endsMs: segmentEndsMs }: SegmentRun,
  { endsMs, sectionEndsMs }: SectionTimes,
): Promise<SimulatedWatch | null> {
  const seconds = Math.max(0, Math.ceil((beganMs + minimumSeconds * 1000 - state.nowMs) / 1000));
  const subject = { traffic, sinceMs: state.nowMs, seconds, goals: state.plan.goals, endsMs: segmentEndsMs };
  const watch = new SimulatedWatch(state, subject);
  for (;;) {
    const report = await watch.round('bake', state.nowMs < sectionEndsMs ? sectionEndsMs : Infinity);
    if (report.kind === 'clear') return watch;
    if (state.nowMs >= endsMs) {
      if (resolveInconclusive(state, report)) return watch;
    } else if (state.nowMs >= sectionEndsMs) return null;
  }
}

/** True: the spec promotes. */
function resolveInconclusive(state: BacktestState, report: WatchReport): boolean {
  const decision = decideInconclusive(state.hold, report, state.plan);
  switch (decision.kind) {
    case 'rollBack':
      throw new Stopped({ kind: 'inconclusive', message: decision.message });
    case 'promote':
      state.log.note(state.nowMs, 'decision', decision.message);
      return true;
    case 'hold':
      startHold(state, { reason: 'inconclusive', message: decision.message });
      return false;
    case 'keepHolding':
      return false;
  }
}

function adaptSplit(state: BacktestState, adapt: NonNullable<Experiment['adapt']>): void {
  const { plan, comparisons, share } = state;
  const chosen = chooseSplit({ goals: plan.goals, comparisons, adapt, share });
  state.log.note(state.nowMs, 'decision', chosen.message);
  if (chosen.share !== share) state.shifts += 1;
  state.share = chosen.share;
}
