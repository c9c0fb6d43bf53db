/** SDK clients whose requests stay in this process. */
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { IAMClient } from '@aws-sdk/client-iam';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SNSClientConfig } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import type { SimulatedRequestHandler } from './request-handler.js';

export interface SimulatedClients {
  sagemaker: SageMakerClient;
  runtime: SageMakerRuntimeClient;
  cloudwatch: CloudWatchClient;
  autoscaling: ApplicationAutoScalingClient;
  quotas: ServiceQuotasClient;
  iam: IAMClient;
  sts: STSClient;
  sns: SNSClientConfig;
}

/** The default of the SDK: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const defaultMaxAttempts = 3;

interface Handlers {
  aws: SimulatedRequestHandler;
  topics: SimulatedRequestHandler;
}

/** Clients as a worker makes them, with the SDK's own tries and errors. */
export function createClients(
  { aws, topics }: Handlers,
  region: string,
  maxAttempts = defaultMaxAttempts,
): SimulatedClients {
  const config = { ...configOf(aws, region), maxAttempts };
  return {
    sagemaker: new SageMakerClient(config),
    runtime: new SageMakerRuntimeClient(config),
    cloudwatch: new CloudWatchClient(config),
    autoscaling: new ApplicationAutoScalingClient(config),
    quotas: new ServiceQuotasClient({ ...configOf(aws, region, 'servicequotas'), maxAttempts }),
    iam: new IAMClient({ ...configOf(aws, region, 'iam'), maxAttempts }),
    sts: new STSClient({ ...configOf(aws, region, 'sts'), maxAttempts }),
    sns: configOf(topics, region),
  };
}

/** Everything that a client would read from files or the environment, because reading takes real time. */
function configOf(handler: SimulatedRequestHandler, region: string, service = 'sagemaker') {
  return {
    region,
    endpoint: 'http://127.0.0.1',
    // It has the calls that clients make; the SDK's type asks for those of its own handlers.
    requestHandler: handler as unknown as NonNullable<SNSClientConfig['requestHandler']>,
    credentials: { accessKeyId: 'simulation', secretAccessKey: 'simulation' },
    signer: { sign: <T extends Signable>(request: T) => sign(request, region, service) },
    maxAttempts: defaultMaxAttempts,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: 'simulation',
    // Composing the client's middleware for each call takes longer than the middleware.
    cacheMiddleware: true,
  } as const;
}

interface Signable {
  headers: Record<string, string>;
}

/** The emulator checks the form of a signature only, and a true one takes most of a call's time. */
function sign<T extends Signable>(request: T, region: string, service: string): Promise<T> {
  const date = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
  request.headers['x-amz-date'] = date;
  request.headers.authorization =
    `AWS4-HMAC-SHA256 Credential=simulation/${date.slice(0, 8)}/${region}/${service}/aws4_request, ` +
    `SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  return Promise.resolve(request);
}
