import { ApplicationFailure } from '@temporalio/common';
import { concludeLook, sayAll } from '../analysis/conclude-look.js';
import { judgeAlarm } from '../analysis/judge-alarm.js';
import type { Verdict } from '../analysis/verdict.js';
import type { AlarmReader } from './alarms.js';
import { nowMs } from './clock.js';
import { findDrift } from './drift.js';
import type {
  EndpointObservation,
  FailureType,
  RolloutActivities,
  WatchReport,
  WatchRequest,
  WatchState,
} from './interface.js';
import type { MetricReader } from './metrics.js';
import { createRouter, type RouterDeps, type TrafficRouter } from './traffic-router.js';
import { readStats } from './variant-stats.js';
import { judgeAllWindows, secondsToNextLook, timesOf } from './watched-windows.js';
import { handedOn, watching } from './watching.js';

interface WatchDeps extends RouterDeps {
  alarms: AlarmReader;
  metrics: MetricReader;
  lookSeconds: number;
}

/** What was seen of the endpoint: an observation, its absence, or a failing read that the look survives. */
type Sight = { kind: 'seen'; observation: EndpointObservation | null } | { kind: 'unseen'; reason: string };

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
      const windows = await judgeAllWindows(deps.metrics, request, before, now);
      const { bounds, compared } = windows;
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
        reported: before.reported ?? null,
        ...timesOf(request, windows, now),
      });
      if (conclusion === null) {
        const trouble = [drift, sight.kind === 'unseen' ? `endpoint cannot be read (${sight.reason})` : null];
        const message = [...trouble, sayAll(verdicts)].filter((text) => text !== null).join('; ');
        const delay = secondsToNextLook(request, windows, now, deps.lookSeconds);
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

/** In the plan's order, which is the order that people know. */
function inOrder({ guardrails, goals }: WatchRequest, verdicts: Verdict[]): Verdict[] {
  return [...guardrails, ...goals].flatMap(({ id }) =>
    verdicts.filter((verdict) => verdict.guardrail === id),
  );
}
