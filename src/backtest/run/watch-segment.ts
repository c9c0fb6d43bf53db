/** One stage over recorded data, as the workflow would go through it. Returns when the candidate may go on. */
import { chooseSplit } from '../../activities/monitoring/choose-split.js';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Experiment } from '../../plan/compiled/step.js';
import { decideInconclusive } from '../../workflows/monitoring/policy.js';
import type { Task } from './planned-segments.js';
import { clearHold, SimulatedWatch, startHold, Stopped, type BacktestState } from './simulated-watch.js';

export interface SegmentRun {
  traffic: ArmTraffic;
  /** When an experiment began, with its first split. */
  beganMs: number;
  /** In the data; Infinity where nothing follows in it. */
  endsMs: number;
  /** The data says which share it was recorded at. */
  isRecorded: boolean;
}

/** Throws Stopped. Time stands where the stage is cleared; the watch can go on as its guard. */
export async function watchLeg(world: BacktestState, task: Task, stay: SegmentRun): Promise<SimulatedWatch> {
  return task.kind === 'bake' ? bake(world, task.seconds, stay) : experiment(world, task, stay);
}

/** Guardrails alone watch until then. Throws Stopped. */
export async function guard(world: BacktestState, watch: SimulatedWatch, untilMs: number): Promise<void> {
  while (world.nowMs < untilMs) await watch.round('guard', untilMs);
}

async function bake(
  world: BacktestState,
  seconds: number,
  { traffic, endsMs }: SegmentRun,
): Promise<SimulatedWatch> {
  const watch = new SimulatedWatch(world, { traffic, sinceMs: world.nowMs, seconds, goals: [], endsMs });
  while ((await watch.round('bake')).kind !== 'clear');
  clearHold(world);
  return watch;
}

async function experiment(world: BacktestState, step: Experiment, stay: SegmentRun): Promise<SimulatedWatch> {
  const endsMs = stay.beganMs + step.maximumSeconds * 1000;
  for (;;) {
    const { adapt } = step;
    // The splits that were recorded stand: only without them is one chosen.
    const chapterMs = adapt === null || stay.isRecorded ? Infinity : adapt.everySeconds * 1000;
    const chapterEndsMs = Math.min(endsMs, world.nowMs + chapterMs);
    const watch = await watchSegment(world, step, stay, { endsMs, chapterEndsMs });
    if (watch !== null) {
      clearHold(world);
      return watch;
    }
    if (adapt !== null) adaptSplit(world, adapt);
  }
}

interface SegmentTimes {
  endsMs: number;
  chapterEndsMs: number;
}

/** Null where the split is to be chosen anew. */
async function watchSegment(
  world: BacktestState,
  { minimumSeconds }: Experiment,
  { traffic, beganMs, endsMs: stayEndsMs }: SegmentRun,
  { endsMs, chapterEndsMs }: SegmentTimes,
): Promise<SimulatedWatch | null> {
  const seconds = Math.max(0, Math.ceil((beganMs + minimumSeconds * 1000 - world.nowMs) / 1000));
  const subject = { traffic, sinceMs: world.nowMs, seconds, goals: world.plan.goals, endsMs: stayEndsMs };
  const watch = new SimulatedWatch(world, subject);
  for (;;) {
    const report = await watch.round('bake', world.nowMs < chapterEndsMs ? chapterEndsMs : Infinity);
    if (report.kind === 'clear') return watch;
    if (world.nowMs >= endsMs) {
      if (resolveInconclusive(world, report)) return watch;
    } else if (world.nowMs >= chapterEndsMs) return null;
  }
}

/** True where the spec says to promote. */
function resolveInconclusive(world: BacktestState, report: WatchReport): boolean {
  const decision = decideInconclusive(world.hold, report, world.plan);
  switch (decision.kind) {
    case 'rollBack':
      throw new Stopped({ kind: 'inconclusive', message: decision.message });
    case 'promote':
      world.log.note(world.nowMs, 'decision', decision.message);
      return true;
    case 'hold':
      startHold(world, { reason: 'inconclusive', message: decision.message });
      return false;
    case 'keepHolding':
      return false;
  }
}

function adaptSplit(world: BacktestState, adapt: NonNullable<Experiment['adapt']>): void {
  const { plan, comparisons, share } = world;
  const chosen = chooseSplit({ goals: plan.goals, comparisons, adapt, share });
  world.log.note(world.nowMs, 'decision', chosen.message);
  if (chosen.share !== share) world.shifts += 1;
  world.share = chosen.share;
}
