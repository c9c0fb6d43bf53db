/** Runs the segments over recorded data, and returns the outcome. */
import { formatPercent } from '../../plan/units/percents.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import type { PlannedSegment } from './planned-segments.js';
import { arrangementOf, trafficIn } from '../data/recorded-traffic.js';
import type { RecordedSegment } from './recorded-segments.js';
import { SimulatedWatch, Stopped, type Stop, type BacktestState } from './simulated-watch.js';
import { guard, watchSegment, type SegmentRun } from './watch-segment.js';

/** `held`: the data ends before a decision. */
export interface BacktestOutcome {
  outcome: 'promoted' | 'rolledBack' | 'inconclusive' | 'held';
  /** ISO 8601, UTC. For a promotion: the time at which the last stage was cleared. */
  at: string;
  /** The rule that failed. Null: no rule failed. */
  by: string | null;
  message: string;
}

/** Runs the planned stages. Each stage starts when the previous one is cleared. */
export async function runPlan(state: BacktestState, planned: PlannedSegment[]): Promise<BacktestOutcome> {
  for (const segment of planned) {
    enter(state, segment);
    const segmentRun = segmentRunOf(state, segment.arrangement);
    const stop = await stopOf(() => watchSegment(state, segment.task, segmentRun));
    if (stop !== null) return conclude(state, stop, segment);
  }
  return promote(state);
}

/** Runs the recorded segments. After a segment that the plan would not have left, only guardrails are checked. */
export async function runRecordedStages(
  state: BacktestState,
  segments: RecordedSegment[],
): Promise<BacktestOutcome> {
  let held: BacktestOutcome | null = null;
  let beganMs = state.nowMs;
  for (const [i, segment] of segments.entries()) {
    state.nowMs = Math.max(state.nowMs, segment.fromMs);
    if (!segment.continues) beganMs = state.nowMs;
    enter(state, segment);
    const segmentRun = {
      ...segmentRunOf(state, segment.arrangement),
      beganMs,
      endsMs: segment.endsMs,
      isRecorded: true,
    };
    const stop = await stopOf(async () => {
      if (held !== null) return guardShare(state, segmentRun, segment.endsMs);
      const watch = await watchSegment(state, segment.task, segmentRun);
      if (!segment.isLast) await guard(state, watch, segment.endsMs);
    });
    if (stop === null && held === null && segment.isLast) return promote(state);
    if (stop !== null && stop.kind !== 'dataEnded') return conclude(state, stop, segment);
    if (stop !== null && segments[i + 1]?.continues !== true) held ??= conclude(state, stop, segment);
  }
  return held ?? conclude(state, { kind: 'dataEnded' }, segments.at(-1) ?? null);
}

/** Moves all traffic to the candidate. Guardrails watch until the rollback window or the data ends. */
async function promote(state: BacktestState): Promise<BacktestOutcome> {
  const { plan } = state;
  const promoted: BacktestOutcome = {
    outcome: 'promoted',
    at: new Date(state.nowMs).toISOString(),
    by: null,
    message: `every stage is cleared at ${new Date(state.nowMs).toISOString()}`,
  };
  if (plan.rollbackWindow === null) return promoted;
  const segment: SegmentPosition = { stage: null, share: 100 };
  enter(state, segment, 'rollback window');
  const segmentRun = segmentRunOf(state, arrangementOf(plan));
  const stop = await stopOf(() => guardShare(state, segmentRun, state.nowMs + rollbackMs(plan)));
  return stop === null || stop.kind === 'dataEnded' ? promoted : conclude(state, stop, segment);
}

function segmentRunOf({ plan, nowMs }: BacktestState, arrangement: DeploymentShape): SegmentRun {
  return { traffic: trafficIn(plan, arrangement), beganMs: nowMs, endsMs: Infinity, isRecorded: false };
}

async function guardShare(state: BacktestState, segmentRun: SegmentRun, untilMs: number): Promise<void> {
  const { traffic, endsMs } = segmentRun;
  const subject = { traffic, sinceMs: state.nowMs, seconds: 0, goals: [], endsMs };
  await guard(state, new SimulatedWatch(state, subject), untilMs);
}

type SegmentPosition = Pick<PlannedSegment, 'stage' | 'share'>;

function enter(state: BacktestState, segment: SegmentPosition, name = describeSegment(segment)): void {
  if (segment.share !== state.share) state.shifts += 1;
  state.share = segment.share;
  state.hold = null;
  state.log.enter(
    state.nowMs,
    segment.stage,
    segment.share,
    `${name}: candidate at ${formatPercent(segment.share)}`,
  );
}

/** Null if `run` ended without a stop. */
async function stopOf(run: () => Promise<unknown>): Promise<Stop | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (error instanceof Stopped) return error.stop;
    throw error;
  }
}

function conclude(state: BacktestState, stop: Stop, segment: SegmentPosition | null): BacktestOutcome {
  const at = new Date(state.nowMs).toISOString();
  switch (stop.kind) {
    case 'failed':
      return { outcome: 'rolledBack', at, by: stop.verdict.guardrail, message: stop.verdict.message };
    case 'inconclusive':
      return { outcome: 'inconclusive', at, by: null, message: stop.message };
    case 'dataEnded':
      return { outcome: 'held', at, by: null, message: describeOpenWork(state, segment) };
  }
}

function describeOpenWork({ log, plan }: BacktestState, segment: SegmentPosition | null): string {
  if (segment === null) return 'the data has no stage with traffic';
  const endText = `when the data of ${describeSegment(segment)} ends`;
  const verdicts = [...plan.guardrails, ...plan.goals].flatMap(({ id }) => log.latest.get(id) ?? []);
  const open = verdicts.filter(({ result }) => result !== 'pass').map(({ message }) => message);
  return open.length === 0
    ? `no rule has failed ${endText}, but it is too early to promote`
    : `${endText}: ${open.join('; ')}`;
}

function describeSegment({ stage, share }: SegmentPosition): string {
  return stage === null ? `a stage of ${formatPercent(share)} that the plan does not have` : `stage ${stage}`;
}

function rollbackMs({ rollbackWindow }: Plan): number {
  return (rollbackWindow?.seconds ?? 0) * 1000;
}
