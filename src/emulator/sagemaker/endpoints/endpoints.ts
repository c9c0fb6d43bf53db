import type {
  DeleteEndpointInput,
  DescribeEndpointInput,
  DescribeEndpointOutput,
  ListEndpointsInput,
  ListEndpointsOutput,
} from '@aws-sdk/client-sagemaker';
import { removeTarget, targetsOf } from '../../application-auto-scaling/targets/remove-target.js';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { scheduleChange, setStatus, stopServing } from './changes.js';
import type { Deletion, Endpoint } from './endpoint-state.js';
import { rememberPrevious, viewOf } from './endpoint-view.js';
import { everyVariant } from './fleets.js';
import { page } from '../paging.js';

const describeEndpoint = operation(
  'DescribeEndpoint',
  modelled<DescribeEndpointInput>(),
  (request, { account }): DescribeEndpointOutput => {
    const endpoint = findEndpoint(account, request.EndpointName);
    return readEndpoint(account, endpoint) ?? throwNotFound(account, request.EndpointName);
  },
);

const deletable: string[] = ['InService', 'Failed', 'OutOfService', 'UpdateRollbackFailed'];

const deleteEndpoint = operation(
  'DeleteEndpoint',
  modelled<DeleteEndpointInput>(),
  (request, { account }) => {
    const endpoint = findEndpoint(account, request.EndpointName);
    if (!deletable.includes(endpoint.status)) {
      throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
    }
    deregisterVariants(account, endpoint);
    rememberPrevious(account, endpoint);
    endpoint.meter?.catchUp();
    const change: Deletion = {
      kind: 'deletion',
      startedAt: account.time,
      dueAt: account.time + account.pace.drawMs('deleting'),
    };
    endpoint.change = change;
    setStatus(account, endpoint, 'Deleting');
    resumeDeletion(account, endpoint, change);
    return {};
  },
);

const listEndpoints = operation(
  'ListEndpoints',
  modelled<ListEndpointsInput>(),
  (request, { account }): ListEndpointsOutput => {
    const wanted = request.StatusEquals;
    const all = [...account.endpoints.values()].flatMap((endpoint) => {
      const view = readEndpoint(account, endpoint);
      return view && (wanted === undefined || view.EndpointStatus === wanted)
        ? [{ ...endpoint, status: endpoint.status, view }]
        : [];
    });
    const { items, ...token } = page(request, all);
    const Endpoints = items.map(({ view }) => ({
      EndpointName: view.EndpointName,
      EndpointArn: view.EndpointArn,
      EndpointStatus: view.EndpointStatus,
      CreationTime: view.CreationTime,
      LastModifiedTime: view.LastModifiedTime,
    }));
    return { Endpoints, ...token };
  },
);

/**
 * Deletion deregisters scalable targets, with the permission of the caller: a fault `accessDenied` of
 * DeregisterScalableTarget stands for its absence. Source:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html. Wording:
 * https://github.com/awslabs/stable-diffusion-aws-extension/issues/161, which does not show the error's name.
 */
function deregisterVariants(account: AccountState, endpoint: Endpoint): void {
  for (const target of targetsOf(account, endpoint.name)) {
    const call = { ServiceNamespace: 'sagemaker', ResourceId: target.resourceId };
    const { faults, time, startedAt } = account;
    if (faults.take('DeregisterScalableTarget', call, time, startedAt, 'accessDenied'))
      throw validationError(
        'An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used to invoke DeleteEndpoint does not have application-autoscaling:DeregisterScalableTarget permission to deregister the scalable target.',
      );
    removeTarget(account, target);
  }
}

export const endpointOperations = [describeEndpoint, deleteEndpoint, listEndpoints];

/** Endpoint names are case-insensitive. Throws the error of the service if the endpoint does not exist. */
export function findEndpoint(account: AccountState, name: string): Endpoint {
  return account.endpoints.get(name.toLowerCase()) ?? throwNotFound(account, name);
}

export function resumeDeletion(account: AccountState, endpoint: Endpoint, change: Deletion): void {
  scheduleChange(account, endpoint, change, () => {
    account.endpoints.delete(endpoint.name.toLowerCase());
    account.tags.delete(endpoint.arn);
    stopServing([...everyVariant(endpoint), ...(endpoint.second ? everyVariant(endpoint.second.fleet) : [])]);
  });
}

function readEndpoint(account: AccountState, endpoint: Endpoint): DescribeEndpointOutput | null {
  return account.sageMaker.staleReads.read(endpoint, viewOf(endpoint), account.time);
}

function throwNotFound(account: AccountState, name: string): never {
  throw validationError(`Could not find endpoint "${account.arn('endpoint', name)}".`);
}
