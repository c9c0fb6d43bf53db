/** An activity and its subject, the same in every run of a scenario, for example `deploy ab` or `setWeights 25 %`. */
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { WatchRequest } from '../../../src/activities/interface/watch.js';
import type { Role } from '../../../src/plan/compiled/names.js';

export type ActivityName = keyof RolloutActivities;

interface Argument {
  endpoint: string;
  role: Role;
  jobName: string;
  modelName: string;
  configName: string;
  deployment: { configName: string };
  model: { training: { jobName: string } };
  weights: Record<Role, number>;
  mode: WatchRequest['mode'];
  outcome: string;
}

export function actionOf(name: ActivityName, argument: unknown): string {
  const subject = subjectOf(name, argument as Argument);
  return subject === '' ? name : `${name} ${subject}`;
}

function subjectOf(name: ActivityName, a: Argument): string {
  switch (name) {
    case 'trainModel':
      return withoutId(a.model.training.jobName);
    case 'stopTraining':
      return withoutId(a.jobName);
    case 'createModel':
      return withoutId(a.modelName);
    case 'deploy':
      return withoutId(a.deployment.configName);
    case 'deleteConfig':
      return withoutId(a.configName);
    case 'setWeights':
      return `${a.weights.candidate} %`;
    case 'watchTraffic':
      return `${a.mode} ${a.weights.candidate} %`;
    case 'registerModel':
      return a.role;
    case 'deleteEndpoint':
    case 'observeEndpoint':
    case 'setCounts':
    case 'writeBackVersion':
      return a.outcome;
    case 'chooseVersion':
    case 'compileRollout':
    case 'compileWaves':
    case 'preflight':
    case 'validate':
    case 'evaluateCalendar':
    case 'pollGateWebhook':
    case 'chooseSplit':
    case 'sendNotification':
    case 'verifyActor':
      return '';
  }
}

/** The part of a name that follows the rollout's id or the endpoint. */
function withoutId(name: string): string {
  return name.split('-').at(-1) ?? name;
}
