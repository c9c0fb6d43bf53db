import type { InvokeEndpointInput } from '@aws-sdk/client-sagemaker-runtime';
import { ServiceError } from '../http/service-error.js';
import type { Endpoint } from '../sagemaker/endpoints/endpoint-state.js';
import type { Validated } from '../service-model/modelled.js';

type InvocationTargets = Pick<
  Validated<InvokeEndpointInput>,
  'TargetModel' | 'TargetContainerHostname' | 'InferenceComponentName'
>;

/** Refuses headers that name a part that the endpoint does not have, and a missing one that it needs. */
export function requireSupportedTargets(endpoint: Endpoint, targets: InvocationTargets): void {
  if (targets.InferenceComponentName !== undefined) {
    // The words of AWS, quoted in the public tests of LiteLLM. No emulated endpoint has inference components.
    throw refused(
      'Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference components. Please remove the Inference Component Name header and try again.',
    );
  }
  requireTargetModel(endpoint, targets.TargetModel);
  const hostname = targets.TargetContainerHostname;
  if (hostname !== undefined && !containersInvokedDirectly(endpoint).includes(hostname)) {
    throw refused(`Endpoint ${endpoint.name} has no container ${hostname} for direct invocation.`);
  }
}

function requireTargetModel(endpoint: Endpoint, targetModel: string | undefined): void {
  if (targetModel !== undefined && !isMultiModel(endpoint)) {
    // The words of AWS, https://github.com/aws/amazon-sagemaker-examples/issues/1026.
    throw refused(
      `Endpoint ${endpoint.name} is not a multi-model endpoint and does not support target model header.`,
    );
  }
  if (targetModel === undefined && isMultiModel(endpoint)) {
    // AWS also names the id of the request: sagemaker-tensorflow-serving-container, issue 166.
    throw refused('Request is missing a target model header.');
  }
}

function isMultiModel({ variants }: Endpoint): boolean {
  return variants.some(({ model: { request } }) =>
    [request.PrimaryContainer, ...(request.Containers ?? [])].some((each) => each?.Mode === 'MultiModel'),
  );
}

/** botocore: the header is for endpoints with several containers that are configured for direct invocation. */
function containersInvokedDirectly({ variants }: Endpoint): string[] {
  return variants.flatMap(({ model: { request } }) =>
    request.InferenceExecutionConfig?.Mode === 'Direct'
      ? (request.Containers ?? []).flatMap(({ ContainerHostname }) => ContainerHostname ?? [])
      : [],
  );
}

function refused(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}
