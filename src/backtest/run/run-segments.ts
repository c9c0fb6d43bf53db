/** From stage to stage over recorded data, to an outcome. */
import { formatPercent } from '../../plan/units/percents.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { DeploymentShape } from '../../plan/compiled/step.js';
import type { PlannedSegment } from './planned-segments.js';
import { arrangementOf, trafficIn } from '../data/recorded-traffic.js';
import type { RecordedLeg } from './recorded-segments.js';
import { SimulatedWatch, Stopped, type Stop, type BacktestState } from './simulated-watch.js';
import { guard, watchLeg, type SegmentRun } from './watch-segment.js';

/** `held`: the data ends, and nothing is decided. */
export interface BacktestOutcome {
  outcome: 'promoted' | 'rolledBack' | 'inconclusive' | 'held';
  /** ISO 8601, UTC. Of a promotion: when the last stage was cleared. */
  at: string;
  /** The rule that failed; null where none did. */
  by: string | null;
  message: string;
}

/** Stage after stage, each as soon as the one before is cleared. */
export async function runPlan(world: BacktestState, planned: PlannedSegment[]): Promise<BacktestOutcome> {
  for (const leg of planned) {
    enter(world, leg);
    const stay = stayIn(world, leg.arrangement);
    const stop = await stopOf(() => watchLeg(world, leg.task, stay));
    if (stop !== null) return conclude(world, stop, leg);
  }
  return promote(world);
}

/** The recorded stages, one after the other. One that the plan would not have left is guarded, and so is what follows. */
export async function runRecordedStages(world: BacktestState, legs: RecordedLeg[]): Promise<BacktestOutcome> {
  let held: BacktestOutcome | null = null;
  let beganMs = world.nowMs;
  for (const [i, leg] of legs.entries()) {
    world.nowMs = Math.max(world.nowMs, leg.fromMs);
    if (!leg.continues) beganMs = world.nowMs;
    enter(world, leg);
    const stay = { ...stayIn(world, leg.arrangement), beganMs, endsMs: leg.endsMs, isRecorded: true };
    const stop = await stopOf(async () => {
      if (held !== null) return guardShare(world, stay, leg.endsMs);
      const watch = await watchLeg(world, leg.task, stay);
      if (!leg.isLast) await guard(world, watch, leg.endsMs);
    });
    if (stop === null && held === null && leg.isLast) return promote(world);
    if (stop !== null && stop.kind !== 'ranOut') return conclude(world, stop, leg);
    if (stop !== null && legs[i + 1]?.continues !== true) held ??= conclude(world, stop, leg);
  }
  return held ?? conclude(world, { kind: 'ranOut' }, legs.at(-1) ?? null);
}

/** All traffic to the candidate; guardrails watch as long as the way back is open and the data goes on. */
async function promote(world: BacktestState): Promise<BacktestOutcome> {
  const { plan } = world;
  const promoted: BacktestOutcome = {
    outcome: 'promoted',
    at: new Date(world.nowMs).toISOString(),
    by: null,
    message: `every stage is cleared at ${new Date(world.nowMs).toISOString()}`,
  };
  if (plan.rollbackWindow === null) return promoted;
  const leg: SegmentPosition = { stage: null, share: 100 };
  enter(world, leg, 'rollback window');
  const stay = stayIn(world, arrangementOf(plan));
  const stop = await stopOf(() => guardShare(world, stay, world.nowMs + rollbackMs(plan)));
  return stop === null || stop.kind === 'ranOut' ? promoted : conclude(world, stop, leg);
}

function stayIn({ plan, nowMs }: BacktestState, arrangement: DeploymentShape): SegmentRun {
  return { traffic: trafficIn(plan, arrangement), beganMs: nowMs, endsMs: Infinity, isRecorded: false };
}

async function guardShare(world: BacktestState, stay: SegmentRun, untilMs: number): Promise<void> {
  const { traffic, endsMs } = stay;
  const subject = { traffic, sinceMs: world.nowMs, seconds: 0, goals: [], endsMs };
  await guard(world, new SimulatedWatch(world, subject), untilMs);
}

type SegmentPosition = Pick<PlannedSegment, 'stage' | 'share'>;

function enter(world: BacktestState, leg: SegmentPosition, name = describeSegment(leg)): void {
  if (leg.share !== world.share) world.shifts += 1;
  world.share = leg.share;
  world.hold = null;
  world.log.enter(world.nowMs, leg.stage, leg.share, `${name}: candidate at ${formatPercent(leg.share)}`);
}

/** Null where it came to its end. */
async function stopOf(way: () => Promise<unknown>): Promise<Stop | null> {
  try {
    await way();
    return null;
  } catch (error) {
    if (error instanceof Stopped) return error.stop;
    throw error;
  }
}

function conclude(world: BacktestState, stop: Stop, leg: SegmentPosition | null): BacktestOutcome {
  const at = new Date(world.nowMs).toISOString();
  switch (stop.kind) {
    case 'failed':
      return { outcome: 'rolledBack', at, by: stop.verdict.guardrail, message: stop.verdict.message };
    case 'inconclusive':
      return { outcome: 'inconclusive', at, by: null, message: stop.message };
    case 'ranOut':
      return { outcome: 'held', at, by: null, message: describeOpenWork(world, leg) };
  }
}

function describeOpenWork({ log, plan }: BacktestState, leg: SegmentPosition | null): string {
  if (leg === null) return 'the data has no stage with traffic';
  const where = `when the data of ${describeSegment(leg)} ends`;
  const verdicts = [...plan.guardrails, ...plan.goals].flatMap(({ id }) => log.latest.get(id) ?? []);
  const open = verdicts.filter(({ result }) => result !== 'pass').map(({ message }) => message);
  return open.length === 0
    ? `nothing has failed ${where}, too early to promote`
    : `${where}: ${open.join('; ')}`;
}

function describeSegment({ stage, share }: SegmentPosition): string {
  return stage === null ? `a stage of ${formatPercent(share)} that the plan does not have` : `stage ${stage}`;
}

function rollbackMs({ rollbackWindow }: Plan): number {
  return (rollbackWindow?.seconds ?? 0) * 1000;
}
