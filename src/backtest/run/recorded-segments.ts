/** The recorded segments of the data, matched with the stages of the plan. */
import type { PlannedSegment, Task } from './planned-segments.js';
import type { RecordedWindows, TimeSpan } from '../data/recorded-windows.js';

export interface RecordedSegment extends PlannedSegment {
  fromMs: number;
  /** Infinity for the last segment. */
  endsMs: number;
  /** Continues the experiment of the previous segment with another split. */
  continues: boolean;
  /** The segment ends the plan when it is cleared: it is the last stage, or has at least the last share. */
  isLast: boolean;
}

interface Run extends TimeSpan {
  share: number;
  stage: number | null;
}

/** The data's shares, matched with the plan. */
export interface RecordedStages {
  segments: RecordedSegment[];
  /** The bake at 100 %, if the plan adds it to those of the spec and the data does not have it. */
  omitted: PlannedSegment | null;
}

/**
 * `delaySeconds`: maximum data delay. `bakesAllTraffic`: the spec itself bakes at 100 %. Null: the data has no shares.
 */
export function recordedStages(
  planned: PlannedSegment[],
  windows: RecordedWindows,
  { delaySeconds, bakesAllTraffic }: { delaySeconds: number; bakesAllTraffic: boolean },
): RecordedStages | null {
  if (windows.shares === null && windows.stages === null) return null;
  const runs = runsIn(windows, planned);
  const last = planned.at(-1);
  const isOmitted = !bakesAllTraffic && last !== undefined && !runs.some((run) => isSame(last, run));
  return isOmitted
    ? { segments: recordedSegments(planned.slice(0, -1), runs, delaySeconds), omitted: last }
    : { segments: recordedSegments(planned, runs, delaySeconds), omitted: null };
}

/**
 * Segments in the order of the data's shares. Bakes and experiments come from the plan, limited to the length of the
 * data. A share that is not in the plan is watched as long as the data has it.
 */
function recordedSegments(planned: PlannedSegment[], runs: Run[], delaySeconds: number): RecordedSegment[] {
  const segments: RecordedSegment[] = [];
  const last = planned.at(-1);
  let passed = 0;
  for (const [i, run] of runs.entries()) {
    const found = planned.findIndex((segment, n) => n >= passed && isSame(segment, run));
    const segment = found === -1 ? null : planned[found];
    if (segment) passed = found + 1;
    const previous = segments.at(-1);
    const continues = !segment && previous?.task.kind === 'experiment' && previous.task.adapt !== null;
    const isEnd = i === runs.length - 1;
    const seconds = (run.toMs - run.fromMs) / 1000 - (isEnd ? 0 : delaySeconds);
    const isLast = continues ? previous.isLast : segment ? segment === last : reachesEnd(planned, run.share);
    const unplanned: Task = isLast && last ? last.task : { kind: 'bake', seconds: Math.max(1, seconds) };
    const task = segment?.task ?? (continues ? previous.task : unplanned);
    segments.push({
      stage: segment?.stage ?? run.stage ?? (continues ? previous.stage : null),
      share: run.share,
      arrangement: segment?.arrangement ?? last?.arrangement ?? { kind: 'sideBySide' },
      task: isEnd ? task : shorten(task, seconds),
      fromMs: run.fromMs,
      endsMs: isEnd ? Infinity : run.toMs,
      continues,
      isLast,
    });
  }
  return segments;
}

function reachesEnd(planned: PlannedSegment[], share: number): boolean {
  const last = planned.at(-1);
  return last === undefined || (last.task.kind === 'bake' && share >= last.share);
}

/**
 * If a bake was shorter than planned and another segment follows, it is judged with its recorded length. Experiments
 * keep their planned time, because their verdict depends on it.
 */
function shorten(task: Task, seconds: number): Task {
  return task.kind === 'bake' ? { ...task, seconds: Math.max(1, Math.min(task.seconds, seconds)) } : task;
}

/** The tolerance is for SageMaker's weights, which are 32-bit floats. */
function isSame({ share, stage }: PlannedSegment, run: Run): boolean {
  return run.stage === null ? Math.abs(share - run.share) < 0.05 : stage === run.stage;
}

/**
 * Adjacent windows with the same stage and share. Windows without a value belong to the previous run. Runs without
 * traffic are omitted.
 */
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
  return stage === null ? null : (planned.find((segment) => segment.stage === stage)?.share ?? null);
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
