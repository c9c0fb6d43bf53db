import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import type { GoldenRequest } from '../../plan/compiled/validation-plan.js';
import { readAws } from '../aws/errors.js';

/** `tookMs` is measured with a monotonic clock, by the caller of the endpoint. */
export type InvocationReply = { tookMs: number } &
  /** `tries`: how often the client had to ask. */
  (
    | { kind: 'answered'; answer: string; tries: number }
    /** `status`: the container's HTTP status. */
    | { kind: 'modelFailed'; status: number | null }
  );

/** Throws failures of the types in `FailureType` where it is not the model that failed. */
export type Invoke = (request: GoldenRequest) => Promise<InvocationReply>;

/** The result of one check. `problems`: messages; empty if the check passed. */
export interface CheckResult {
  message: string;
  problems: string[];
}

/** Asks one variant, whatever its weight. */
export function createInvoke(
  runtime: SageMakerRuntimeClient,
  { endpoint, variant }: { endpoint: string; variant: string },
): Invoke {
  return async (request) => {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      TargetVariant: variant,
      ContentType: request.contentType,
      Body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body),
    });
    const began = performance.now();
    const said = await readAws(async (options) => {
      try {
        const { Body, $metadata } = await runtime.send(command, options);
        return {
          kind: 'answered' as const,
          answer: Body.transformToString(),
          tries: $metadata.attempts ?? 1,
        };
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        return { kind: 'modelFailed' as const, status: error.OriginalStatusCode ?? null };
      }
    });
    return { ...said, tookMs: performance.now() - began };
  };
}
