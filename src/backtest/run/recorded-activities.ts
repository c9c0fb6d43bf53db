/**
 * The activities of a backtest. Windows, goals and splits are judged by the activities of a live rollout, on recorded
 * metrics. The recording answers the others.
 */
import { activityInfo } from '@temporalio/activity';
import { createChooseSplit } from '../../activities/monitoring/choose-split.js';
import type { RolloutActivities } from '../../activities/interface/activities.js';
import type { InitialEndpoint } from '../../activities/interface/endpoint.js';
import { createPollTraffic } from '../../activities/monitoring/poll-traffic.js';
import { nowMs } from '../../activities/temporal/polling.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { RolloutStatus } from '../../workflows/messages.js';
import type { RecordedCalendar } from './recorded-calendar.js';
import type { RecordedEndpoint } from './recorded-endpoint.js';
import type { RecordedPolls } from './recorded-polls.js';
import type { RolloutObserver } from './rollout-observer.js';

/** The other activities are for people and for models, which a recording does not have. */
export type RecordedActivities = Pick<
  RolloutActivities,
  | 'compileRollout'
  | 'preflight'
  | 'deploy'
  | 'observeEndpoint'
  | 'deleteEndpoint'
  | 'deleteConfig'
  | 'setWeights'
  | 'setCounts'
  | 'evaluateCalendar'
  | 'watchTraffic'
  | 'chooseSplit'
>;

export interface Recording {
  plan: Plan;
  starting: InitialEndpoint & { kind: 'live' };
  endpoint: RecordedEndpoint;
  calendar: RecordedCalendar;
  polls: RecordedPolls;
  observer: RolloutObserver;
  askStatus: () => Promise<RolloutStatus>;
}

export function createRecordedActivities(recording: Recording): RecordedActivities {
  const { plan, starting, endpoint, calendar, observer, askStatus } = recording;
  const chooseSplit = createChooseSplit();
  const pollTraffic = createPolls(recording);
  return {
    compileRollout: () => Promise.resolve(plan),
    preflight: () => Promise.resolve(starting),
    deploy: (desired) => Promise.resolve(endpoint.deploy(desired.endpoint, desired.deployment)),
    observeEndpoint: () => Promise.resolve(endpoint.observe()),
    deleteEndpoint: (unused) => Promise.resolve(endpoint.delete(unused.endpoint)),
    deleteConfig: () => Promise.resolve(),
    setWeights: ({ traffic, weights }) => Promise.resolve(endpoint.setWeights(traffic, weights)),
    setCounts: () => Promise.resolve(endpoint.observe()),
    evaluateCalendar: async () => calendar.evaluate((await askStatus()).step.n, nowMs()),
    async watchTraffic(request) {
      if (activityInfo().attempt === 1) observer.beginRound(request, await askStatus(), nowMs());
      return pollTraffic(request);
    },
    async chooseSplit(question) {
      const chosen = await chooseSplit(question);
      observer.recordDecision(chosen.message, nowMs());
      return chosen;
    },
  };
}

/** Only metrics were recorded: there are no alarms, and no counts for people. */
function createPolls(recording: Recording): RolloutActivities['watchTraffic'] {
  const { endpoint, polls } = recording;
  return createPollTraffic({
    readAlarms: () => Promise.resolve([]),
    observe: () =>
      Promise.resolve({
        kind: 'seen',
        observation: endpoint.observe(),
        ownership: null,
        deletedConfig: null,
      }),
    readStats: () => Promise.resolve({ stats: [] }),
    judge: (request, before, seen, now) => polls.judge(request, before, seen, now),
    secondsToNextPoll: (_request, _windows, now) => (polls.nextMs - now) / 1000,
  });
}
