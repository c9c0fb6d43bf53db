import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { SNSClientConfig } from '@aws-sdk/client-sns';
import { createAlarmReader } from './metrics/alarms.js';
import { createAskGate } from './gates/webhook-gate.js';
import { createCalendar } from './gates/calendar.js';
import { createChooseShare } from './monitoring/choose-split.js';
import { createCompile } from './planning/compile-spec.js';
import { createCompileWaves } from './planning/compile-waves.js';
import { createCounts } from './traffic/set-instance-counts.js';
import { createDeploy } from './endpoint/deploy.js';
import { createConfigs } from './endpoint/endpoint-config.js';
import { createEndpoints } from './endpoint/endpoint.js';
import type { ActorKeys } from '../identity/actor-keys.js';
import type { RolloutActivities } from './interface/activities.js';
import { createMetricCatalogue } from './metrics/metric-catalogue.js';
import { createMetricReader } from './metrics/metric-loader.js';
import { createModels } from './models/create-model.js';
import { createNotify } from './notifications/notify.js';
import { createPreflight } from './preflight/preflight.js';
import { createRegister } from './models/registry.js';
import type { Environment } from './webhooks/signed-post.js';
import { readPublishedSplit, type SplitReader } from './traffic/split-reader.js';
import { createTraffic } from './traffic/set-weights.js';
import { createTraining } from './models/training.js';
import { createValidation } from './validation/validate.js';
import { createVerifyActor } from './commands/verify-actor.js';
import { createWatchTraffic } from './monitoring/watch-traffic.js';

export interface ActivityDeps {
  sagemaker: SageMakerClient;
  runtime: SageMakerRuntimeClient;
  cloudwatch: CloudWatchClient;
  /** For clients in the regions of the topics; as the environment says unless given. */
  sns?: SNSClientConfig;
  /** How long between two looks at the same thing; 30 s, which is AWS's own pace, unless given. */
  pollSeconds?: number;
  /** From the workflow's memo, by the worker's own client, unless given. */
  readSplit?: SplitReader;
  /** Of people who sign their commands; nobody is known unless given. */
  actorKeys?: ActorKeys | null;
  /** The process's own unless given. */
  env?: Environment;
}

/** All activities of a worker process; the readers of alarms and metrics are shared, so that looks share calls. */
export function createActivities(deps: ActivityDeps): RolloutActivities {
  const {
    sagemaker,
    runtime,
    cloudwatch,
    sns = {},
    pollSeconds = 30,
    readSplit = readPublishedSplit,
    actorKeys = null,
    env = process.env,
  } = deps;
  const alarms = createAlarmReader(cloudwatch);
  const metrics = createMetricReader(cloudwatch);
  return {
    ...createCompile(),
    ...createCompileWaves(),
    ...createPreflight({ sagemaker, alarms, catalogue: createMetricCatalogue(cloudwatch), env }),
    ...createTraining(sagemaker, pollSeconds),
    ...createRegister(sagemaker, pollSeconds),
    ...createModels(sagemaker),
    ...createDeploy(sagemaker, pollSeconds),
    ...createValidation(runtime),
    ...createTraffic({ sagemaker, readSplit }, pollSeconds),
    ...createCounts({ sagemaker, readSplit }, pollSeconds),
    ...createEndpoints(sagemaker, pollSeconds),
    ...createWatchTraffic({ sagemaker, readSplit, alarms, metrics, pollSeconds: pollSeconds }),
    ...createConfigs(sagemaker),
    ...createChooseShare(),
    ...createCalendar(),
    ...createAskGate({ env }),
    ...createVerifyActor(actorKeys),
    ...createNotify({ sns, env }),
  };
}
