import { ApplicationFailure } from '@temporalio/common';
import { concludeLook, sayAll } from '../analysis/conclude-look.js';
import { judgeAlarm } from '../analysis/judge-alarm.js';
import type { Verdict } from '../analysis/verdict.js';
import { dueMs, type Windows } from '../analysis/windows.js';
import type { AlarmReader } from './alarms.js';
import { nowMs } from './clock.js';
import { comparisonsOf } from './comparison.js';
import { findDrift } from './drift.js';
import type {
  EndpointObservation,
  FailureType,
  RolloutActivities,
  WatchReport,
  WatchRequest,
  WatchState,
} from './interface.js';
import { judgeComparison, type ComparedSoFar } from './judge-comparison.js';
import { judgeWindows, windowsOf, type Progress } from './judge-windows.js';
import type { MetricReader } from './metrics.js';
import { createRouter, type RouterDeps, type TrafficRouter } from './traffic-router.js';
import { readStats } from './variant-stats.js';
import { handedOn, watching } from './watching.js';

interface WatchDeps extends RouterDeps {
  alarms: AlarmReader;
  metrics: MetricReader;
  lookSeconds: number;
}

/** What was seen of the endpoint: an observation, its absence, or a failing read that the look survives. */
type Sight = { kind: 'seen'; observation: EndpointObservation | null } | { kind: 'unseen'; reason: string };

interface BoundProgress {
  id: string;
  windows: Windows;
  windowsJudged: number;
  progress: Progress;
}

/** A bound's or a comparison's windows. */
type Windowed = Pick<BoundProgress, 'windows' | 'windowsJudged'>;

const nothingYet: WatchState = {
  guardrails: {},
  alarms: [],
  comparisons: {},
  stats: [],
  observation: null,
};

/** One look: alarms, drift, metric windows. Reports where something is decided; else throws Watching. */
export function createWatchTraffic(deps: WatchDeps): Pick<RolloutActivities, 'watchTraffic'> {
  return {
    async watchTraffic(request): Promise<WatchReport> {
      const now = nowMs();
      const before = handedOn<WatchState>() ?? request.carried ?? nothingYet;
      const [alarms, sight, stats] = await Promise.all([
        readAlarms(deps.alarms, request),
        look(createRouter(deps, request.traffic)),
        readStats(deps.metrics, request, now),
      ]);
      const drift = sight.kind === 'seen' ? findDrift(sight.observation, request) : null;
      const [bounds, compared] = await Promise.all([
        judgeBounds(deps.metrics, request, before, now),
        judgeComparisons(deps.metrics, request, before, now),
      ]);
      const windowed: Windowed[] = [...bounds, ...compared];
      const judged = [...bounds, ...compared].map(({ progress }) => progress.last);
      const verdicts = inOrder(request, [...alarms, ...judged]);
      const state: WatchState = {
        guardrails: Object.fromEntries(bounds.map(({ id, progress }) => [id, progress])),
        alarms,
        comparisons: {
          ...before.comparisons,
          ...Object.fromEntries(compared.map(({ id, progress }) => [id, progress])),
        },
        stats,
        observation: sight.kind === 'seen' ? sight.observation : before.observation,
      };
      const conclusion = concludeLook({
        mode: request.mode,
        verdicts,
        drift,
        endpointSeen: sight.kind === 'seen',
        windowsDone: windowed.every(({ windows, windowsJudged }) => windowsJudged >= windows.planned),
        reported: before.reported ?? null,
        ...timesOf(request, windowed, now),
      });
      if (conclusion === null) {
        const trouble = [drift, sight.kind === 'unseen' ? `endpoint cannot be read (${sight.reason})` : null];
        const message = [...trouble, sayAll(verdicts)].filter((text) => text !== null).join('; ');
        const delay = secondsToNextLook(request, windowed, now, deps.lookSeconds);
        return watching(message, delay, { ...state, ...reportedOf(before.reported) });
      }
      return { ...conclusion, verdicts, state: { ...state, ...reportedOf(conclusion.kind) } };
    },
  };
}

function reportedOf(kind: WatchReport['kind'] | undefined): Pick<WatchState, 'reported'> {
  return kind === 'undecided' || kind === 'drift' ? { reported: kind } : {};
}

function readAlarms(alarms: AlarmReader, { guardrails }: WatchRequest): Promise<Verdict[]> {
  const wanted = guardrails.filter((guardrail) => guardrail.kind === 'alarm');
  return Promise.all(
    wanted.map(async (guardrail) => judgeAlarm(guardrail, await alarms.readAlarm(guardrail.alarmName))),
  );
}

const passing: FailureType[] = ['Throttled', 'Unavailable', 'Busy'];

/** A read that fails in passing must not keep the alarms from being judged. */
async function look(router: TrafficRouter): Promise<Sight> {
  try {
    return { kind: 'seen', observation: await router.readWeights() };
  } catch (error) {
    if (error instanceof ApplicationFailure && passing.some((type) => type === error.type)) {
      return { kind: 'unseen', reason: error.message };
    }
    throw error;
  }
}

function judgeBounds(
  metrics: MetricReader,
  request: WatchRequest,
  state: WatchState,
  now: number,
): Promise<BoundProgress[]> {
  const bounds = request.guardrails.filter((guardrail) => guardrail.kind === 'bound');
  return Promise.all(
    bounds.map(async (guardrail) => {
      const task = {
        guardrail,
        windows: windowsOf(guardrail, request),
        before: state.guardrails[guardrail.id] ?? null,
        // An experiment goes on after its shortest time, until its goals decide.
        isOpenEnded: request.mode === 'guard' || request.goals.length > 0,
        nowMs: now,
        arm: request.traffic.arms.candidate,
      };
      const progress = await judgeWindows(metrics, task);
      const { windowsJudged } = progress;
      return { id: guardrail.id, windows: task.windows, windowsJudged, progress };
    }),
  );
}

function judgeComparisons(
  metrics: MetricReader,
  request: WatchRequest,
  { comparisons }: WatchState,
  nowMs: number,
): Promise<ComparedSoFar[]> {
  return Promise.all(
    comparisonsOf(request).map((comparison) => {
      const before = comparisons[comparison.id] ?? null;
      return judgeComparison(metrics, comparison, request, { before, nowMs });
    }),
  );
}

/** In the plan's order, which is the order that people know. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  return [...guardrails, ...goals].flatMap(({ id }) =>
    verdicts.filter((verdict) => verdict.guardrail === id),
  );
}

function timesOf(request: WatchRequest, windowed: Windowed[], now: number) {
  const bakeEnds = Date.parse(request.since) + request.bakeSeconds * 1000;
  const dataComplete = Math.max(bakeEnds, ...windowed.map(({ windows }) => dueMs(windows, windows.planned)));
  return {
    bakeOver: now >= bakeEnds,
    overdue: now >= dataComplete,
    roundOver: now >= Date.parse(request.roundEnds),
  };
}

/** The usual pace, or sooner where a window falls due, the bake ends or the round does. */
function secondsToNextLook(
  request: WatchRequest,
  windowed: Windowed[],
  now: number,
  lookSeconds: number,
): number {
  const moments = [
    now + lookSeconds * 1000,
    Date.parse(request.since) + request.bakeSeconds * 1000,
    Date.parse(request.roundEnds),
    ...windowed.map(({ windows, windowsJudged }) => dueMs(windows, windowsJudged + 1)),
  ].filter((moment) => moment > now);
  return Math.max(1, (Math.min(...moments) - now) / 1000);
}
