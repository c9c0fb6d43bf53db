/** The table of contents of the activities: one line for each, in the order of a rollout. */
import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SNSClientConfig } from '@aws-sdk/client-sns';
import type { STSClient } from '@aws-sdk/client-sts';
import type { ActorKeys } from '../identity/actor-keys.js';
import type { RolloutActivities } from './interface/activities.js';
import { checkAccountOfNotFound, createWorkerAccount, inStartAccount } from './aws/account.js';
import { createVerifyActor } from './commands/verify-actor.js';
import { createDeploy } from './endpoint/deploy.js';
import { createDeleteEndpoint, createObserveEndpoint } from './endpoint/endpoint.js';
import { createDeleteConfig } from './endpoint/endpoint-config.js';
import { keepConfigAnswers } from './endpoint/unknown-members.js';
import { createEvaluateCalendar } from './gates/calendar.js';
import { createPollGateWebhook } from './gates/webhook-gate.js';
import { createAlarmReader } from './alarms/alarm-reader.js';
import { createCandidateAlarmReader } from './alarms/candidate-alarms.js';
import { createMetricCatalogue } from './metrics/metric-catalogue.js';
import { createMetricReader } from './metrics/metric-loader.js';
import { createSpacingReader } from './metrics/metric-spacing.js';
import { createChooseVersion } from './models/choose-version.js';
import { createCreateModel } from './models/create-model.js';
import { createRegisterModel } from './models/registry.js';
import { createStopTraining, createTrainModel } from './models/training.js';
import { createWriteBackVersion } from './models/write-back.js';
import { createChooseSplit } from './monitoring/choose-split.js';
import { createWatchTraffic } from './monitoring/watch-traffic.js';
import { createSendNotification } from './notifications/notify.js';
import { createCompileRollout, createCompileWaves } from './planning/compile-spec.js';
import { createInstanceQuotaReader } from './preflight/instance-quotas.js';
import { createPermissionReader } from './preflight/permissions.js';
import { createPreflight } from './preflight/preflight.js';
import { createSetCounts } from './traffic/set-instance-counts.js';
import { createSetWeights } from './traffic/set-weights.js';
import { readPublishedSplit, type SplitReader } from './traffic/split-reader.js';
import { createValidate } from './validation/validate.js';
import type { Environment } from './webhooks/signed-post.js';

/** Seconds between two polls of the same object, because of the AWS quotas. */
export const defaultPollSeconds = 30;

export interface ActivityDeps {
  sagemaker: SageMakerClient;
  runtime: SageMakerRuntimeClient;
  cloudwatch: CloudWatchClient;
  autoscaling: ApplicationAutoScalingClient;
  /** These three tell the preflight what could fail later. A rollout runs without their answers. */
  quotas: ServiceQuotasClient;
  iam: IAMClient;
  sts: STSClient;
  /** For the SNS clients, one for each topic's region. Default: the environment's settings. */
  sns?: SNSClientConfig;
  /** Default: 30. */
  pollSeconds?: number;
  /** Default: reads the workflow's memo with the worker's own client. */
  readSplit?: SplitReader;
  /** Public keys of the people who sign commands. Default: null, so that no signature can be verified. */
  actorKeys?: ActorKeys | null;
  /** Default: the environment of this process. */
  env?: Environment;
}

/**
 * All activities of a worker process. They share the readers of alarms and metrics, so that polls share calls
 * to CloudWatch.
 */
export function createActivities(deps: ActivityDeps): RolloutActivities {
  const { sagemaker, runtime, cloudwatch, autoscaling } = deps;
  const { sns = {}, pollSeconds = defaultPollSeconds, actorKeys = null, env = process.env } = deps;
  const { readSplit = readPublishedSplit } = deps;
  const alarms = createAlarmReader(cloudwatch);
  const candidateAlarms = createCandidateAlarmReader(cloudwatch, alarms);
  const metrics = createMetricReader(cloudwatch);
  const catalogue = createMetricCatalogue(cloudwatch);
  const spacings = createSpacingReader(cloudwatch);
  const quotas = createInstanceQuotaReader(deps.quotas, cloudwatch);
  const permissions = createPermissionReader(deps.iam, deps.sts);
  const account = createWorkerAccount(sagemaker);
  checkAccountOfNotFound(sagemaker, account);
  keepConfigAnswers(sagemaker);
  const checked = inStartAccount(account);
  return {
    // planning
    compileRollout: createCompileRollout(),
    compileWaves: createCompileWaves(),

    // preflight
    preflight: createPreflight({
      ...{ sagemaker, autoscaling, account, alarms, catalogue, spacings, metrics, quotas, permissions, env },
    }),

    // models
    chooseVersion: createChooseVersion(sagemaker),
    trainModel: checked(createTrainModel(sagemaker, pollSeconds)),
    stopTraining: checked(createStopTraining(sagemaker, pollSeconds)),
    registerModel: checked(createRegisterModel(sagemaker, pollSeconds)),
    createModel: checked(createCreateModel(sagemaker)),
    writeBackVersion: checked(createWriteBackVersion(sagemaker, pollSeconds)),

    // endpoint
    deploy: checked(createDeploy({ sagemaker, autoscaling }, pollSeconds)),
    observeEndpoint: checked(createObserveEndpoint(sagemaker)),
    deleteEndpoint: checked(createDeleteEndpoint({ sagemaker, autoscaling }, pollSeconds)),
    deleteConfig: checked(createDeleteConfig(sagemaker)),

    // validation
    validate: checked(createValidate({ runtime, env })),

    // gates
    evaluateCalendar: createEvaluateCalendar(),
    pollGateWebhook: createPollGateWebhook({ env }),

    // traffic
    setWeights: checked(createSetWeights({ sagemaker, readSplit }, pollSeconds)),
    setCounts: checked(createSetCounts({ sagemaker, readSplit }, pollSeconds)),

    // metrics, monitoring and drift
    watchTraffic: checked(
      createWatchTraffic({ sagemaker, readSplit, alarms, candidateAlarms, metrics, pollSeconds }),
    ),
    chooseSplit: createChooseSplit(),

    // notifications
    sendNotification: createSendNotification({ sns, env }),

    // commands
    verifyActor: createVerifyActor(actorKeys),
  };
}
