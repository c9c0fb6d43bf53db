/** The headers that the switch forwards, in both directions: only those that SageMaker Runtime documents. */
import type { IncomingHttpHeaders } from 'node:http';
import { valueOf } from '../assignment/user-identity.js';

export const targetVariantHeader = 'x-amzn-sagemaker-target-variant';
export const inferenceIdHeader = 'x-amzn-sagemaker-inference-id';

/**
 * The header members of InvokeEndpoint and InvokeEndpointWithResponseStream, without the two that the switch sets
 * itself (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html).
 */
const requestHeaders = [
  'accept',
  'content-type',
  'x-amzn-sagemaker-accept',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-enable-explanations',
  'x-amzn-sagemaker-inference-component',
  'x-amzn-sagemaker-prefix-aware-id',
  'x-amzn-sagemaker-session-id',
  'x-amzn-sagemaker-target-container-hostname',
  'x-amzn-sagemaker-target-model',
];

const responseHeaders = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'retry-after',
  'x-amzn-errortype',
  'x-amzn-invoked-production-variant',
  'x-amzn-requestid',
  'x-amzn-sagemaker-closed-session-id',
  'x-amzn-sagemaker-content-type',
  'x-amzn-sagemaker-custom-attributes',
  'x-amzn-sagemaker-new-session-id',
]);

/** Name, value, name, value, ... for SageMaker. */
export function passRequestHeaders(
  headers: IncomingHttpHeaders,
  variant: string | null,
  inferenceId: string,
): string[] {
  const passed: string[] = [];
  for (const name of requestHeaders) {
    const value = valueOf(headers, name);
    if (value !== null) passed.push(name, value);
  }
  passed.push(inferenceIdHeader, inferenceId);
  if (variant !== null) passed.push(targetVariantHeader, variant);
  return passed;
}

/** Name, value, name, value, ... for the client. */
export function passResponseHeaders(headers: IncomingHttpHeaders): string[] {
  const passed: string[] = [];
  for (const name in headers) {
    if (!responseHeaders.has(name)) continue;
    const value = valueOf(headers, name);
    if (value !== null) passed.push(name, value);
  }
  return passed;
}
