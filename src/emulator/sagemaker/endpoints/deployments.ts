import type { CreateEndpointInput, UpdateEndpointInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import { plannedOutcomeOf, requireChangeable, setStatus } from './changes.js';
import { planGuardrails } from './deployment-config.js';
import { startDeployment } from './deployment-progress.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint } from './endpoint-state.js';
import { rememberFormer } from './endpoint-view.js';
import { findEndpoint } from './endpoints.js';
import { instancesAdded, newFleet, retainProperties } from './fleets.js';
import { refuseForLimit, requireWithinLimits } from '../service-limits.js';
import { startSystemUpdate } from './system-updates.js';

const createEndpoint = operation(
  'CreateEndpoint',
  modelled<CreateEndpointInput>(),
  (request, { world, fault }) => {
    const arn = world.arn('endpoint', request.EndpointName.toLowerCase());
    if (world.endpoints.has(request.EndpointName.toLowerCase())) {
      throw validationError(`Cannot create already existing endpoint "${arn}".`);
    }
    const config = findEndpointConfig(world, request.EndpointConfigName);
    const fleet = newFleet(world, config);
    const added = instancesAdded(fleet, null);
    if (fault === 'quota') refuseForLimit(world, 'endpoint usage', added);
    requireWithinLimits(world, 'endpoint usage', added);
    const endpoint: Endpoint = {
      name: request.EndpointName,
      arn,
      createdAt: world.time,
      modifiedAt: world.time,
      status: 'Creating',
      failureReason: undefined,
      config,
      variants: [],
      shadows: [],
      second: null,
      change: null,
      lastDeploymentConfig: request.DeploymentConfig,
      dataCapture: undefined,
      replacements: [],
      meter: null,
    };
    rememberFormer(world, endpoint, false);
    world.endpoints.set(endpoint.name.toLowerCase(), endpoint);
    world.tags.set(arn, request.Tags ?? []);
    startDeployment(world, endpoint, {
      fleet,
      guardrails: null,
      fate: plannedOutcomeOf(fault),
      dataCapture: config.request.DataCaptureConfig,
    });
    return { EndpointArn: arn };
  },
);

const updateEndpoint = operation(
  'UpdateEndpoint',
  modelled<UpdateEndpointInput>(),
  (request, { world, fault }) => {
    const endpoint = findEndpoint(world, request.EndpointName);
    if (fault === 'systemUpdating') startSystemUpdate(world, endpoint);
    requireChangeable(world, endpoint, ['InService', 'OutOfService', 'UpdateRollbackFailed']);
    const config = findEndpointConfig(world, request.EndpointConfigName);
    const excluded = request.ExcludeRetainedVariantProperties?.map((each) => each.VariantPropertyType) ?? [];
    const fleet = newFleet(world, config);
    if (request.RetainAllVariantProperties) retainProperties(endpoint, fleet, excluded);
    const wanted = deploymentConfigOf(endpoint, request);
    const guardrails = planGuardrails(world, endpoint, fleet, wanted);
    const added = instancesAdded(fleet, guardrails);
    if (fault === 'quota') refuseForLimit(world, 'endpoint usage', added);
    requireWithinLimits(world, 'endpoint usage', added);
    const retainsCapture = request.RetainAllVariantProperties && !excluded.includes('DataCaptureConfig');
    rememberFormer(world, endpoint);
    endpoint.lastDeploymentConfig = wanted;
    setStatus(world, endpoint, 'Updating');
    startDeployment(world, endpoint, {
      fleet,
      guardrails,
      fate: plannedOutcomeOf(fault),
      dataCapture: retainsCapture ? endpoint.dataCapture : config.request.DataCaptureConfig,
    });
    return { EndpointArn: endpoint.arn };
  },
);

export const deploymentOperations = [createEndpoint, updateEndpoint];

function deploymentConfigOf(endpoint: Endpoint, request: Validated<UpdateEndpointInput>) {
  if (!request.RetainDeploymentConfig) return request.DeploymentConfig;
  if (request.DeploymentConfig) {
    throw validationError('DeploymentConfig cannot be specified when RetainDeploymentConfig is true.');
  }
  return endpoint.lastDeploymentConfig;
}
