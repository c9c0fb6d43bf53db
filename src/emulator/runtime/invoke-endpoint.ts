import { randomUUID } from 'node:crypto';
import type { InvokeEndpointInput, InvokeEndpointOutput } from '@aws-sdk/client-sagemaker-runtime';
import { operation } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import type { ContainerResponse } from '../programs/model-server.js';
import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import { shadowShares } from '../sagemaker/endpoints/shares.js';
import { type Validated, modelled } from '../service-model/modelled.js';
import type { InvocationOutcome } from '../traffic/tally.js';
import type { FaultKind } from '../account/faults.js';
import type { AccountState } from '../account/account-state.js';
import { modelError } from './model-error.js';
import { findServingEndpoint, pinSession, route } from './routing.js';
import { requireSupportedTargets } from './targets.js';
import { simulate } from './simulated-model.js';

type InvocationInput = Validated<InvokeEndpointInput>;

const newSession = 'NEW_SESSION';
const sessionMs = 3_600_000;

export const invokeEndpoint = operation(
  'InvokeEndpoint',
  modelled<InvokeEndpointInput>(),
  async (invocation, { account, fault }) => {
    refuseByFault(fault);
    const endpoint = findServingEndpoint(account, invocation.EndpointName);
    requireSupportedTargets(endpoint, invocation);
    const variant = route(account, endpoint, invocation.TargetVariant, invocation.SessionId);
    for (const { variant: shadow, share } of shadowShares(endpoint)) {
      // The caller does not wait for a copy and does not get its result.
      if (account.random.uniform() < share)
        void ask(account, endpoint, shadow, invocation).catch(() => undefined);
    }
    const response = await ask(account, endpoint, variant, invocation);
    if (outcomeOf(response.status) !== 'ok') throw modelError(account, endpoint, variant, response);
    return {
      Body: response.body,
      ContentType: response.contentType,
      InvokedProductionVariant: variant.name,
      ...(invocation.SessionId === newSession
        ? { NewSessionId: openSession(account, endpoint, variant) }
        : {}),
    } satisfies InvokeEndpointOutput;
  },
);

/** Sends the request to the container of the variant, and counts the response. */
async function ask(
  account: AccountState,
  endpoint: Endpoint,
  variant: Variant,
  invocation: InvocationInput,
): Promise<ContainerResponse> {
  if (variant.currentCount === 0 && !variant.serverless) {
    endpoint.meter?.record(variant.name, 'serverError', 0, 1);
    throw new ServiceError('ServiceUnavailable', `Variant ${variant.name} has no healthy instance.`, 503);
  }
  const arrived = performance.now();
  const response = await (variant.serving
    ? variant.serving.invoke(Buffer.from(invocation.Body ?? ''), headersFor(invocation))
    : simulate(account, endpoint, variant, {
        sessionId: invocation.SessionId,
        body: Buffer.from(invocation.Body ?? '').toString('utf8'),
      }));
  const overheadMs = Math.max(0.1, performance.now() - arrived - response.latencyMs);
  await account.advanceToNow(() =>
    endpoint.meter?.record(variant.name, outcomeOf(response.status), response.latencyMs, overheadMs),
  );
  return response;
}

/** AWS's errors for its own failures. */
function refuseByFault(fault: FaultKind | null): void {
  if (fault === 'modelNotReady') {
    throw new ServiceError('ModelNotReadyException', 'The model is not ready for inference yet.', 429);
  }
  if (fault === 'internalDependency') {
    throw new ServiceError('InternalDependencyException', 'An internal dependency failed.', 530);
  }
  if (fault === 'serviceUnavailable') {
    throw new ServiceError('ServiceUnavailable', 'The service is unavailable. Try your call again.', 503);
  }
}

/** The value of the header: the id and the expiry of the session. */
function openSession(account: AccountState, endpoint: Endpoint, variant: Variant): string {
  const id = randomUUID();
  pinSession(endpoint, id, variant);
  return `${id}; Expires=${new Date(account.time + sessionMs).toISOString().replace(/\.\d+Z$/, 'Z')}`;
}

function headersFor(invocation: InvocationInput): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': invocation.ContentType ?? 'application/octet-stream',
  };
  if (invocation.Accept !== undefined) headers['accept'] = invocation.Accept;
  if (invocation.CustomAttributes !== undefined) {
    headers['x-amzn-sagemaker-custom-attributes'] = invocation.CustomAttributes;
  }
  if (invocation.InferenceId !== undefined) headers['x-amzn-sagemaker-inference-id'] = invocation.InferenceId;
  return headers;
}

function outcomeOf(status: number | null): InvocationOutcome {
  if (status === null) return 'broken';
  if (status >= 500) return 'serverError';
  return status >= 400 ? 'clientError' : 'ok';
}
