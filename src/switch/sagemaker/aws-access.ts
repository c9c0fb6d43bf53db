/** Region, address and credentials of SageMaker Runtime, found as the SDK finds them: environment, profiles, roles. */
import {
  InvokeEndpointCommand,
  SageMakerRuntimeClient,
  type SageMakerRuntimeClientConfig,
} from '@aws-sdk/client-sagemaker-runtime';
import type { Credentials } from './signer.js';

/** Renewed this long before they end. */
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
    /** As it is signed. */
    readonly host: string,
    /** Where an endpoint URL has a path of its own; mostly empty. */
    readonly path: string,
    readonly region: string,
    private readonly load: () => Promise<Expiring>,
  ) {}

  /**
   * Honours AWS_REGION, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, AWS_ENDPOINT_URL and everything else that the SDK knows.
   * Credentials need not be there yet. Rejects where there is no region.
   */
  static async open(config: SageMakerRuntimeClientConfig): Promise<AwsAccess> {
    const client = new SageMakerRuntimeClient(config);
    const region = await client.config.region();
    const { protocol, hostname, port, path } = await resolveAddress(config);
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    return new AwsAccess(`${protocol}//${host}`, host, path, region, async () => client.config.credentials());
  }

  /** Null where there are none, or none that still last. */
  fresh(): Credentials | null {
    const { credentials } = this;
    const end = credentials?.expiration?.getTime() ?? Infinity;
    if (credentials === null || Date.now() >= end) return null;
    // In time, and nobody waits.
    if (Date.now() > end - marginMs) void this.refresh().catch(() => undefined);
    return credentials;
  }

  /** Rejects where no credentials can be found. */
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

/** Lets the SDK make a request, and keeps its address in place of signing and sending it. */
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
  if (found === null) throw new Error('the SDK made no request');
  const { protocol, hostname, port, path } = found as HostAddress;
  return { protocol, hostname, port, path: path.slice(0, path.indexOf(`/endpoints/${probe}/`)) };
}
