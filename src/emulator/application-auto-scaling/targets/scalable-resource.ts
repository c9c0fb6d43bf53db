/** The resource of a scalable target: a variant of an endpoint. */
import type { AccountState } from '../../account/account-state.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import type { ScalableTarget } from '../scaling-state.js';

export const nameOfDimension = 'sagemaker:variant:DesiredInstanceCount' as const;

export interface ResourceRequest {
  ServiceNamespace: string;
  ResourceId: string;
  ScalableDimension: string;
}

/** Endpoint and variant of a resource. Throws if the resource is not a variant, or not emulated. */
export function parseResource(request: ResourceRequest): { endpoint: string; variant: string } {
  const { ServiceNamespace, ResourceId, ScalableDimension } = request;
  // AWS's words, which users have published.
  if (!ScalableDimension.startsWith(`${ServiceNamespace}:`))
    throw validationError('Unsupported service namespace, resource type or scalable dimension');
  if (ScalableDimension !== nameOfDimension)
    throw validationError(
      `The scalable dimension ${ScalableDimension} is not emulated. Use ${nameOfDimension}.`,
    );
  const [, endpoint, variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(ResourceId) ?? [];
  if (endpoint === undefined || variant === undefined)
    throw validationError('Unsupported service namespace, resource type or scalable dimension');
  return { endpoint, variant };
}

/** Whether the filter of a describe request can match a target of this emulator. */
export function isOfDimension(filter: { ServiceNamespace: string; ScalableDimension?: string }): boolean {
  const { ServiceNamespace, ScalableDimension = nameOfDimension } = filter;
  return ServiceNamespace === 'sagemaker' && ScalableDimension === nameOfDimension;
}

/** Throws the error of the service if the resource is not a scalable target. */
export function findTarget(
  account: AccountState,
  request: ResourceRequest,
  state: 'found' | 'registered' = 'found',
): ScalableTarget {
  parseResource(request);
  const target = account.scaling.targets.get(request.ResourceId);
  // Both words are AWS's: `registered` when a policy or a scheduled action is put.
  if (!target) throw notFound(`No scalable target ${state} for ${describe(request)}`);
  return target;
}

export function describe({ ServiceNamespace, ResourceId, ScalableDimension }: ResourceRequest): string {
  return `service namespace: ${ServiceNamespace}, resource ID: ${ResourceId}, scalable dimension: ${ScalableDimension}`;
}

export function notFound(message: string): ServiceError {
  return new ServiceError('ObjectNotFoundException', message);
}

export function quotaExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}
