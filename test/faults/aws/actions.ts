/** What an activity is about, the same in every run of a story, for instance `deploy ab` or `setWeights 25 %`. */
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { WatchRequest } from '../../../src/activities/interface/watch.js';
import type { Role } from '../../../src/plan/compiled/role.js';

export type ActivityName = keyof RolloutActivities;

interface Telling {
  endpoint: string;
  role: Role;
  jobName: string;
  modelName: string;
  configName: string;
  deployment: { configName: string };
  model: { training: { jobName: string } };
  weights: Record<Role, number>;
  mode: WatchRequest['mode'];
}

export function actOf(name: ActivityName, argument: unknown): string {
  const about = aboutOf(name, argument as Telling);
  return about === '' ? name : `${name} ${about}`;
}

function aboutOf(name: ActivityName, a: Telling): string {
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

/** Of names, what follows the rollout's id or the endpoint. */
function withoutId(name: string): string {
  return name.split('-').at(-1) ?? name;
}
