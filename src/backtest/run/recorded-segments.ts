/** The stages that the data says it was recorded in, matched with those of the plan. */
import type { PlannedSegment, Task } from './planned-segments.js';
import type { RecordedWindows, TimeSpan } from '../data/recorded-windows.js';

export interface RecordedLeg extends PlannedSegment {
  fromMs: number;
  /** Infinity for the last: nothing came after it. */
  endsMs: number;
  /** Goes on with the experiment of the leg before, at another split. */
  continues: boolean;
  /** Cleared, it ends the plan: its last stage, or as large a share. */
  isLast: boolean;
}

interface Run extends TimeSpan {
  share: number;
  stage: number | null;
}

/**
 * As the shares in the data follow each other. Of the plan it takes how long is baked and what is an experiment, as far as
 * the data is that long; a share that is not the plan's is watched for as long as the data has it. Null: the data has no
 * shares. `delaySeconds`: how long data takes to come, at most.
 */
export function recordedLegs(
  planned: PlannedSegment[],
  windows: RecordedWindows,
  delaySeconds: number,
): RecordedLeg[] | null {
  if (windows.shares === null && windows.stages === null) return null;
  const legs: RecordedLeg[] = [];
  const last = planned.at(-1);
  let passed = 0;
  const runs = runsIn(windows, planned);
  for (const [i, run] of runs.entries()) {
    const found = planned.findIndex((leg, n) => n >= passed && isSame(leg, run));
    const leg = found === -1 ? null : planned[found];
    if (leg) passed = found + 1;
    const former = legs.at(-1);
    const continues = !leg && former?.task.kind === 'experiment' && former.task.adapt !== null;
    const isEnd = i === runs.length - 1;
    const seconds = (run.toMs - run.fromMs) / 1000 - (isEnd ? 0 : delaySeconds);
    const isLast = continues ? former.isLast : leg ? leg === planned.at(-1) : reachesEnd(planned, run.share);
    const unplanned: Task = isLast && last ? last.task : { kind: 'bake', seconds: Math.max(1, seconds) };
    const task = leg?.task ?? (continues ? former.task : unplanned);
    legs.push({
      stage: leg?.stage ?? run.stage ?? (continues ? former.stage : null),
      share: run.share,
      arrangement: leg?.arrangement ?? planned.at(-1)?.arrangement ?? { kind: 'sideBySide' },
      task: isEnd ? task : shorten(task, seconds),
      fromMs: run.fromMs,
      endsMs: isEnd ? Infinity : run.toMs,
      continues,
      isLast,
    });
  }
  return legs;
}

function reachesEnd(planned: PlannedSegment[], share: number): boolean {
  const last = planned.at(-1);
  return last === undefined || (last.task.kind === 'bake' && share >= last.share);
}

/**
 * A bake that lasted less than planned is judged as it was, where something came after it. An experiment's time is a part
 * of how it is judged.
 */
function shorten(task: Task, seconds: number): Task {
  return task.kind === 'bake' ? { ...task, seconds: Math.max(1, Math.min(task.seconds, seconds)) } : task;
}

/** SageMaker's weights are floats of 32 bits. */
function isSame({ share, stage }: PlannedSegment, run: Run): boolean {
  return run.stage === null ? Math.abs(share - run.share) < 0.05 : stage === run.stage;
}

/** Neighbouring windows of one stage and share; what does not say belongs to the one before. Without traffic, none. */
function runsIn(
  { shares, stages, fromMs, periodMs, toMs }: RecordedWindows,
  planned: PlannedSegment[],
): Run[] {
  const runs: Run[] = [];
  const count = (toMs - fromMs) / periodMs;
  for (let slot = 0; slot < count; slot += 1) {
    const stage = known(stages?.[slot]);
    const share = known(shares?.[slot]) ?? shareOf(planned, stage);
    const last = runs.at(-1);
    const at = fromMs + slot * periodMs;
    const isNew = share !== null && (share !== last?.share || (stage !== null && stage !== last.stage));
    if (isNew) runs.push({ share, stage, fromMs: at, toMs: at + periodMs });
    else if (last !== undefined) last.toMs = at + periodMs;
  }
  const shadows = planned.some(({ arrangement }) => arrangement.kind === 'shadow');
  return runs.filter(({ share }, i) => share > 0 || (shadows && i === 0));
}

function shareOf(planned: PlannedSegment[], stage: number | null): number | null {
  return stage === null ? null : (planned.find((leg) => leg.stage === stage)?.share ?? null);
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
