import { ServiceError } from '../http/service-error.js';
import type { ContainerResponse } from '../programs/model-server.js';
import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import type { AccountState } from '../account/account-state.js';

/** For every other response of the container than success, the caller gets 424 with the container's status. */
export function modelError(
  account: AccountState,
  endpoint: Endpoint,
  variant: Variant,
  response: ContainerResponse,
): ServiceError {
  // Without any response, SageMaker reports status 0.
  const status = response.status ?? 0;
  const kind = status >= 400 && status < 500 ? 'client' : 'server';
  const text = response.body.toString('utf8').slice(0, 1024);
  const group = `/aws/sagemaker/Endpoints/${endpoint.name}`;
  return new ServiceError(
    'ModelError',
    `Received ${kind} error (${status}) from primary with message "${text}". See ${group} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: text,
      LogStreamArn: `arn:aws:logs:${account.options.region}:${account.options.account}:log-group:${group}:log-stream:${variant.name}`,
    },
  );
}
