import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type CreateEndpointConfigInput,
  type DescribeEndpointConfigOutput,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { AlreadyExists, readAws, mutateAws, orNull, retryNotFound } from '../aws/errors.js';
import { configRequest } from './config-request.js';
import { withoutRefusedMembers } from './copied-variant.js';
import { describeEndpoint } from './endpoint.js';
import { retryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { ConfigSettings, DesiredDeployment } from '../interface/deployment.js';
import { createOrAdopt, requireOwned, tagsOf } from '../aws/ownership.js';

export function findConfig(
  sagemaker: SageMakerClient,
  configName: string,
): Promise<DescribeEndpointConfigOutput | null> {
  const command = new DescribeEndpointConfigCommand({ EndpointConfigName: configName });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

/** Creates or adopts the deployment's config. Fails: NotOwned. */
export async function ensureConfig(
  sagemaker: SageMakerClient,
  rolloutId: string,
  deployment: DesiredDeployment,
): Promise<void> {
  const { configName } = deployment;
  const request = configRequest(deployment);
  await createOrAdopt(sagemaker, {
    what: `endpoint config ${configName}`,
    rolloutId,
    request,
    tags: deployment.tags.config,
    find: async () => (await findConfig(sagemaker, configName))?.EndpointConfigArn ?? null,
    create: (Tags) => createConfig(sagemaker, { ...request, Tags }),
  });
}

/**
 * The config that served before the rollout, with its own name and settings. Does nothing if it exists. The rollout never
 * deletes it: `deleteConfig` is called only for names of the rollout.
 */
export async function restoreConfig(
  sagemaker: SageMakerClient,
  rolloutId: string,
  { configName, tags }: DesiredDeployment,
  settings: ConfigSettings,
): Promise<void> {
  if ((await findConfig(sagemaker, configName)) !== null) return;
  const ProductionVariants = settings.ProductionVariants?.map(withoutRefusedMembers);
  const request = { ...settings, ProductionVariants, EndpointConfigName: configName };
  try {
    await createConfig(sagemaker, { ...request, Tags: tagsOf({ rolloutId, request, tags: tags.config }) });
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
  }
}

function createConfig(sagemaker: SageMakerClient, input: CreateEndpointConfigInput): Promise<unknown> {
  return retryNotFound(mutateAws((o) => sagemaker.send(new CreateEndpointConfigCommand(input), o)));
}

/**
 * Fields that SageMaker adds to a config, or that each config has of its own. The response and the create request share all
 * others: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html
 */
const described = ['EndpointConfigName', 'EndpointConfigArn', 'CreationTime', '$metadata'];

export function settingsOf(config: DescribeEndpointConfigOutput): ConfigSettings {
  // Without a value, a copy of a config from before 2026-06-17 would switch it on. A newer config answers with its value.
  // Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-detailed-observability-getting-started.html
  const MetricsConfig = { EnableDetailedObservability: false, ...config.MetricsConfig };
  const settings = Object.entries({ ...config, MetricsConfig }).filter(
    ([name, value]) => !described.includes(name) && value !== undefined,
  );
  return Object.fromEntries(settings) as unknown as ConfigSettings;
}

export function createDeleteConfig(sagemaker: SageMakerClient): RolloutActivities['deleteConfig'] {
  return async ({ rolloutId, configName, endpoint }) => {
    const config = await findConfig(sagemaker, configName);
    if (config === null) return;
    const what = `endpoint config ${configName}`;
    await requireOwned(sagemaker, { arn: config.EndpointConfigArn ?? '', what, rolloutId });
    await requireUnused(sagemaker, configName, endpoint);
    const command = new DeleteEndpointConfigCommand({ EndpointConfigName: configName });
    await orNull(mutateAws((o) => sagemaker.send(command, o)));
    if ((await findConfig(sagemaker, configName)) !== null) {
      throw retryableFailure('Unavailable', `${what} still exists after its deletion`);
    }
  };
}

/** SageMaker accepts the deletion of a config in use, but then it can no longer update the endpoint. */
async function requireUnused(
  sagemaker: SageMakerClient,
  configName: string,
  endpoint: string,
): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null || live.EndpointStatus === 'Failed') return;
  if (live.EndpointConfigName === configName) {
    throw retryableFailure('Busy', `endpoint ${endpoint} uses endpoint config ${configName}`);
  }
  if (live.EndpointStatus !== 'InService') {
    throw retryableFailure(
      'Busy',
      `endpoint ${endpoint} is ${live.EndpointStatus} and may still need endpoint config ${configName}`,
    );
  }
}
