import type { CreateEndpointInput, UpdateEndpointInput } from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import { plannedOutcomeOf, requireChangeable, setStatus } from './changes.js';
import { planGuardrails } from './deployment-config.js';
import { startDeployment } from './deployment-progress.js';
import { findEndpointConfig } from './endpoint-configs.js';
import type { Endpoint } from './endpoint-state.js';
import { rememberPrevious } from './endpoint-view.js';
import { findEndpoint } from './endpoints.js';
import { instancesAdded, newFleet, retainProperties } from './fleets.js';
import { refuseForLimit, requireWithinLimits } from '../service-limits.js';
import { requireScaledVariantsKept } from './scaled-variants.js';
import { startSystemUpdate } from './system-updates.js';

const createEndpoint = operation(
  'CreateEndpoint',
  modelled<CreateEndpointInput>(),
  (request, { account, fault }) => {
    const arn = account.arn('endpoint', request.EndpointName.toLowerCase());
    if (account.endpoints.has(request.EndpointName.toLowerCase())) {
      throw validationError(`Cannot create already existing endpoint "${arn}".`);
    }
    const config = findEndpointConfig(account, request.EndpointConfigName);
    const fleet = newFleet(account, config);
    const added = instancesAdded(fleet, null);
    if (fault === 'quota') refuseForLimit(account, 'endpoint usage', added);
    requireWithinLimits(account, 'endpoint usage', added);
    const endpoint: Endpoint = {
      name: request.EndpointName,
      arn,
      createdAt: account.time,
      modifiedAt: account.time,
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
    rememberPrevious(account, endpoint, false);
    account.endpoints.set(endpoint.name.toLowerCase(), endpoint);
    account.tags.set(arn, request.Tags ?? []);
    startDeployment(account, endpoint, {
      fleet,
      guardrails: null,
      plannedOutcome: plannedOutcomeOf(fault),
      dataCapture: config.request.DataCaptureConfig,
    });
    return { EndpointArn: arn };
  },
);

const updateEndpoint = operation(
  'UpdateEndpoint',
  modelled<UpdateEndpointInput>(),
  (request, { account, fault }) => {
    const endpoint = findEndpoint(account, request.EndpointName);
    if (fault === 'systemUpdating') startSystemUpdate(account, endpoint);
    requireChangeable(account, endpoint, ['InService', 'OutOfService', 'UpdateRollbackFailed']);
    const config = findEndpointConfig(account, request.EndpointConfigName);
    const excluded = request.ExcludeRetainedVariantProperties?.map((each) => each.VariantPropertyType) ?? [];
    const fleet = newFleet(account, config);
    requireScaledVariantsKept(account, endpoint, fleet);
    if (request.RetainAllVariantProperties) retainProperties(endpoint, fleet, excluded);
    const wanted = deploymentConfigOf(endpoint, request);
    const guardrails = planGuardrails(account, endpoint, fleet, wanted);
    const added = instancesAdded(fleet, guardrails);
    if (fault === 'quota') refuseForLimit(account, 'endpoint usage', added);
    requireWithinLimits(account, 'endpoint usage', added);
    const retainsCapture = request.RetainAllVariantProperties && !excluded.includes('DataCaptureConfig');
    rememberPrevious(account, endpoint);
    endpoint.lastDeploymentConfig = wanted;
    setStatus(account, endpoint, 'Updating');
    startDeployment(account, endpoint, {
      fleet,
      guardrails,
      plannedOutcome: plannedOutcomeOf(fault),
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
