import {
  InvokeEndpointCommand,
  ModelError,
  type SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import type { GoldenRequest } from '../../plan/compiled/validation-plan.js';
import { readAws } from '../aws/errors.js';

/** `tookMs`: the caller measures it with a monotonic clock. */
export type InvocationReply = { tookMs: number } &
  /** `tries`: number of tries of the SDK client. */
  (
    | { kind: 'answered'; answer: ModelAnswer; tries: number }
    /** `status`: the container's HTTP status. */
    | { kind: 'modelFailed'; status: number | null }
  );

/** `text`: null if the body is not valid UTF-8. `contentType`: of the response; null if it has none. */
export interface ModelAnswer {
  contentType: string | null;
  text: string | null;
}

/** Throws failures of the types in `FailureType` for errors that the model did not cause. */
export type Invoke = (request: GoldenRequest) => Promise<InvocationReply>;

/** The result of one check. `problems`: messages; empty if the check passed. */
export interface CheckResult {
  message: string;
  problems: string[];
}

/** Sends requests to one variant, independent of its weight. */
export function createInvoke(
  runtime: SageMakerRuntimeClient,
  { endpoint, variant }: { endpoint: string; variant: string },
): Invoke {
  return async (request) => {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      TargetVariant: variant,
      TargetModel: request.targetModel,
      ContentType: request.contentType,
      Body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body),
    });
    const began = performance.now();
    const reply = await readAws(async (options) => {
      try {
        const { Body, ContentType, $metadata } = await runtime.send(command, options);
        return {
          kind: 'answered' as const,
          answer: { contentType: ContentType ?? null, text: decode(Body) },
          tries: $metadata.attempts ?? 1,
        };
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        return { kind: 'modelFailed' as const, status: error.OriginalStatusCode ?? null };
      }
    });
    return { ...reply, tookMs: performance.now() - began };
  };
}

function decode(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
