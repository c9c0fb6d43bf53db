import type {
  DeleteEndpointInput,
  DescribeEndpointInput,
  DescribeEndpointOutput,
  ListEndpointsInput,
  ListEndpointsOutput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { scheduleChange, setStatus, stopServing } from './changes.js';
import type { Deletion, Endpoint } from './endpoint-state.js';
import { rememberFormer, viewOf } from './endpoint-view.js';
import { everyVariant } from './fleets.js';
import { page } from '../paging.js';

const describeEndpoint = operation(
  'DescribeEndpoint',
  modelled<DescribeEndpointInput>(),
  (request, { world }): DescribeEndpointOutput => {
    const endpoint = findEndpoint(world, request.EndpointName);
    return readEndpoint(world, endpoint) ?? throwNotFound(world, request.EndpointName);
  },
);

const deletable: string[] = ['InService', 'Failed', 'OutOfService', 'UpdateRollbackFailed'];

const deleteEndpoint = operation('DeleteEndpoint', modelled<DeleteEndpointInput>(), (request, { world }) => {
  const endpoint = findEndpoint(world, request.EndpointName);
  if (!deletable.includes(endpoint.status)) {
    throw validationError(`Cannot update in-progress endpoint "${endpoint.arn}".`);
  }
  rememberFormer(world, endpoint);
  endpoint.meter?.catchUp();
  const change: Deletion = {
    kind: 'deletion',
    startedAt: world.time,
    dueAt: world.time + world.pace.drawMs('deleting'),
  };
  endpoint.change = change;
  setStatus(world, endpoint, 'Deleting');
  resumeDeletion(world, endpoint, change);
  return {};
});

const listEndpoints = operation(
  'ListEndpoints',
  modelled<ListEndpointsInput>(),
  (request, { world }): ListEndpointsOutput => {
    const wanted = request.StatusEquals;
    const all = [...world.endpoints.values()].flatMap((endpoint) => {
      const view = readEndpoint(world, endpoint);
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

export const endpointOperations = [describeEndpoint, deleteEndpoint, listEndpoints];

/** Endpoint names are case-insensitive. Fails as the service does where there is no such endpoint. */
export function findEndpoint(world: AccountState, name: string): Endpoint {
  return world.endpoints.get(name.toLowerCase()) ?? throwNotFound(world, name);
}

export function resumeDeletion(world: AccountState, endpoint: Endpoint, change: Deletion): void {
  scheduleChange(world, endpoint, change, () => {
    world.endpoints.delete(endpoint.name.toLowerCase());
    world.tags.delete(endpoint.arn);
    stopServing([...everyVariant(endpoint), ...(endpoint.second ? everyVariant(endpoint.second.fleet) : [])]);
  });
}

function readEndpoint(world: AccountState, endpoint: Endpoint): DescribeEndpointOutput | null {
  return world.sageMaker.staleReads.read(endpoint, viewOf(endpoint), world.time);
}

function throwNotFound(world: AccountState, name: string): never {
  throw validationError(`Could not find endpoint "${world.arn('endpoint', name)}".`);
}
