import type {
  CreateEndpointConfigInput,
  DeleteEndpointConfigInput,
  DescribeEndpointConfigInput,
  ListEndpointConfigsInput,
  ListEndpointConfigsOutput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { EndpointConfig } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import type { EndpointConfigRequest } from '../kept-requests.js';
import { page } from '../paging.js';
import { requireVariants } from './variant-rules.js';

const publishFrequencies = [10, 30, 60, 120, 180, 240, 300];

const createEndpointConfig = operation(
  'CreateEndpointConfig',
  modelled<CreateEndpointConfigInput>(),
  (request, { account }) => {
    const arn = account.arn('endpoint-config', request.EndpointConfigName);
    if (account.endpointConfigs.has(request.EndpointConfigName)) {
      throw validationError(`Cannot create already existing endpoint configuration "${arn}".`);
    }
    requireVariants(account, request);
    requireFrequency(request);
    account.endpointConfigs.set(request.EndpointConfigName, {
      name: request.EndpointConfigName,
      arn,
      createdAt: account.time,
      request,
    });
    account.tags.set(arn, request.Tags ?? []);
    return { EndpointConfigArn: arn };
  },
);

const describeEndpointConfig = operation(
  'DescribeEndpointConfig',
  modelled<DescribeEndpointConfigInput>(),
  (request, { account }) => {
    const config = findEndpointConfig(account, request.EndpointConfigName);
    return {
      ...config.request,
      Tags: undefined,
      ProductionVariants: config.request.ProductionVariants.map(withWeight),
      ...(config.request.ShadowProductionVariants
        ? { ShadowProductionVariants: config.request.ShadowProductionVariants.map(withWeight) }
        : {}),
      EndpointConfigArn: config.arn,
      CreationTime: new Date(config.createdAt),
    };
  },
);

const deleteEndpointConfig = operation(
  'DeleteEndpointConfig',
  modelled<DeleteEndpointConfigInput>(),
  (request, { account }) => {
    const config = findEndpointConfig(account, request.EndpointConfigName);
    account.endpointConfigs.delete(config.name);
    account.tags.delete(config.arn);
    return {};
  },
);

const listEndpointConfigs = operation(
  'ListEndpointConfigs',
  modelled<ListEndpointConfigsInput>(),
  (request, { account }): ListEndpointConfigsOutput => {
    const { items, ...token } = page(request, account.endpointConfigs.values());
    const EndpointConfigs = items.map((config) => ({
      EndpointConfigName: config.name,
      EndpointConfigArn: config.arn,
      CreationTime: new Date(config.createdAt),
    }));
    return { EndpointConfigs, ...token };
  },
);

export const endpointConfigOperations = [
  createEndpointConfig,
  describeEndpointConfig,
  deleteEndpointConfig,
  listEndpointConfigs,
];

/** Throws the error of the service if the config does not exist. */
export function findEndpointConfig(account: AccountState, name: string): EndpointConfig {
  const config = account.endpointConfigs.get(name);
  if (!config) {
    throw validationError(`Could not find endpoint configuration "${account.arn('endpoint-config', name)}".`);
  }
  return config;
}

function withWeight(given: object): object {
  return { InitialVariantWeight: 1, ...given };
}

function requireFrequency({ MetricsConfig }: EndpointConfigRequest): void {
  const seconds = MetricsConfig?.MetricPublishFrequencyInSeconds;
  if (seconds === undefined || publishFrequencies.includes(seconds)) return;
  throw validationError(`MetricPublishFrequencyInSeconds must be one of ${publishFrequencies.join(', ')}.`);
}
