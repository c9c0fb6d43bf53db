import { ServiceError } from '../http/service-error.js';
import type { ContainerAnswer } from '../programs/model-server.js';
import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import type { AccountState } from '../account/account-state.js';

/** Whatever the container answers beside success, the caller gets 424 with the container's status inside. */
export function modelError(
  world: AccountState,
  endpoint: Endpoint,
  variant: Variant,
  answer: ContainerAnswer,
): ServiceError {
  // Where no answer came at all, SageMaker says 0.
  const status = answer.status ?? 0;
  const kind = status >= 400 && status < 500 ? 'client' : 'server';
  const text = answer.body.toString('utf8').slice(0, 1024);
  const group = `/aws/sagemaker/Endpoints/${endpoint.name}`;
  return new ServiceError(
    'ModelError',
    `Received ${kind} error (${status}) from primary with message "${text}". See ${group} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: text,
      LogStreamArn: `arn:aws:logs:${world.options.region}:${world.options.account}:log-group:${group}:log-stream:${variant.name}`,
    },
  );
}
