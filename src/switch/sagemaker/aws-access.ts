/** Region, address and credentials of SageMaker Runtime, from the SDK's sources: environment, profiles and roles. */
import {
  InvokeEndpointCommand,
  SageMakerRuntimeClient,
  type SageMakerRuntimeClientConfig,
} from '@aws-sdk/client-sagemaker-runtime';
import type { Credentials } from './signer.js';

/** Credentials are renewed this long before they expire. */
const marginMs = 5 * 60_000;

interface Expiring extends Credentials {
  expiration?: Date;
}

export class AwsAccess {
  private credentials: Expiring | null = null;
  private refreshing: Promise<Expiring> | null = null;

  private constructor(
    /** `https://runtime.sagemaker.eu-west-1.amazonaws.com` */
    readonly origin: string,
    /** The Host header, as signed. */
    readonly host: string,
    /** The path of the endpoint URL. Usually empty. */
    readonly path: string,
    readonly region: string,
    private readonly load: () => Promise<Expiring>,
  ) {}

  /**
   * Uses AWS_REGION, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, AWS_ENDPOINT_URL and all other settings of the SDK. The
   * credentials need not exist yet. Rejects if no region is set.
   */
  static async open(config: SageMakerRuntimeClientConfig): Promise<AwsAccess> {
    const client = new SageMakerRuntimeClient(config);
    const region = await client.config.region();
    const { protocol, hostname, port, path } = await resolveAddress(config);
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    return new AwsAccess(`${protocol}//${host}`, host, path, region, async () => client.config.credentials());
  }

  /** Null if there are no credentials, or if they have expired. */
  fresh(): Credentials | null {
    const { credentials } = this;
    const end = credentials?.expiration?.getTime() ?? Infinity;
    if (credentials === null || Date.now() >= end) return null;
    // Renewed in advance, so that no request waits.
    if (Date.now() > end - marginMs) void this.refresh().catch(() => undefined);
    return credentials;
  }

  /** Rejects if the SDK finds no credentials. */
  refresh(): Promise<Credentials> {
    this.refreshing ??= this.load()
      .then((found) => (this.credentials = found))
      .finally(() => (this.refreshing = null));
    return this.refreshing;
  }
}

interface HostAddress {
  protocol: string;
  hostname: string;
  port?: number | undefined;
  path: string;
}

const probe = 'x';

/** Lets the SDK build a request and reads its address. The request is neither signed nor sent. */
async function resolveAddress(config: SageMakerRuntimeClientConfig): Promise<HostAddress> {
  const credentials = { accessKeyId: probe, secretAccessKey: probe };
  const client = new SageMakerRuntimeClient({ ...config, credentials });
  let found: HostAddress | null = null;
  const command = new InvokeEndpointCommand({ EndpointName: probe, Body: new Uint8Array() });
  command.middlewareStack.add(
    () => (args) => {
      found = args.request as HostAddress;
      return Promise.resolve({ response: {}, output: { $metadata: {} } as never });
    },
    { step: 'build', name: 'keepAddress', priority: 'low' },
  );
  await client.send(command);
  if (found === null) throw new Error('the SDK built no request');
  const { protocol, hostname, port, path } = found as HostAddress;
  return { protocol, hostname, port, path: path.slice(0, path.indexOf(`/endpoints/${probe}/`)) };
}
