/** A switch on its own port. The test sets the responses of its backend and the splits that it follows. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { Split } from '../../src/plan/split/split.js';
import { switchSchema, type SwitchConfig } from '../../src/switch/config-schema.js';
import { startSwitch, type RunningSwitch, type SwitchSettings } from '../../src/switch/start-switch.js';
import type { z } from 'zod';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Behaviour = (received: Received, response: ServerResponse) => void;

export interface Backend {
  url: string;
  received: Received[];
  behave: Behaviour;
  stop(): Promise<void>;
}

/** The response of a healthy SageMaker Runtime. */
export const answerWell: Behaviour = ({ headers, path }, response) => {
  const named = headers['x-amzn-sagemaker-target-variant'];
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'x-Amzn-Invoked-Production-Variant': named ?? `only-of-${path.split('/')[2]}`,
    'x-amzn-RequestId': 'request-1',
  });
  response.end('{"ok":true}');
};

export function answerError(status: number, type: string, message: string): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type });
    response.end(JSON.stringify({ Message: message }));
  };
}

export async function startBackend(): Promise<Backend> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      backend.received.push(received);
      backend.behave(received, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const backend: Backend = {
    url: `http://127.0.0.1:${port}`,
    received: [],
    behave: answerWell,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return backend;
}

export interface SwitchEnvironment {
  backend: Backend;
  url: string;
  running: RunningSwitch;
  /** By endpoint. If the value is an error, the read rejects with it. */
  splits: Map<string, Split | Error>;
  published: MetricDatum[];
  /** With an error, CloudWatch fails. */
  cloudwatch: { error: Error | null };
  folder: string;
  logged: string[];
  /** Starts another process with the same configuration and state. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface EnvironmentOptions {
  config?: z.input<typeof switchSchema>;
  splits?: Record<string, Split>;
  source?: SwitchSettings['source'];
  /** Default: credentials that do not expire. */
  credentials?: () => Promise<{ accessKeyId: string; secretAccessKey: string; expiration?: Date }>;
}

export async function openEnvironment(options: EnvironmentOptions = {}): Promise<SwitchEnvironment> {
  const { config = {}, splits = {}, source, credentials } = options;
  const folder = await mkdtemp(join(tmpdir(), 'penstock-switch-'));
  const backend = await startBackend();
  const known = new Map<string, Split | Error>(Object.entries(splits));
  const published: MetricDatum[] = [];
  const logged: string[] = [];
  const cloudwatch = { error: null as Error | null };
  const settings: SwitchSettings = {
    config: configOf({ ...config, state: 'state' }),
    folder,
    source: source ?? readFrom(known),
    log: (_level, line) => logged.push(line),
    ...clientsOf(backend, published, cloudwatch, credentials),
  };
  const running = await startSwitch(settings);
  const environment: SwitchEnvironment = {
    backend,
    url: running.url,
    running,
    splits: known,
    published,
    cloudwatch,
    folder,
    logged,
    restart: async () => {
      await environment.running.stop();
      environment.running = await startSwitch(settings);
      environment.url = environment.running.url;
    },
    stop: async () => {
      await environment.running.stop();
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return environment;
}

/** Settings of a second switch with the same backend and the same rollouts. */
export function settingsOf(
  environment: SwitchEnvironment,
  config: z.input<typeof switchSchema>,
): Omit<SwitchSettings, 'folder'> {
  return {
    config: configOf({ ...config, state: 'state' }),
    source: readFrom(environment.splits),
    log: () => undefined,
    ...clientsOf(environment.backend, environment.published, environment.cloudwatch),
  };
}

function clientsOf(
  backend: Backend,
  published: MetricDatum[],
  cloudwatch: { error: Error | null },
  credentials: EnvironmentOptions['credentials'] = () =>
    Promise.resolve({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
) {
  return {
    runtime: { endpoint: backend.url, region: 'eu-west-1', credentials },
    cloudwatch: { send: cloudWatchThat(published, cloudwatch) },
  };
}

export function configOf(config: z.input<typeof switchSchema>): SwitchConfig {
  return switchSchema.parse({ listen: { port: 0 }, ...config });
}

export function readFrom(known: Map<string, Split | Error>): SwitchSettings['source'] {
  return {
    read: (endpoint) => {
      const found = known.get(endpoint) ?? null;
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  };
}

function cloudWatchThat(published: MetricDatum[], state: { error: Error | null }) {
  const send = (command: unknown) => {
    if (state.error !== null) return Promise.reject(state.error);
    if (command instanceof PutMetricDataCommand) published.push(...(command.input.MetricData ?? []));
    return Promise.resolve({ $metadata: {} });
  };
  return send as SwitchSettings['cloudwatch']['send'];
}

export interface Sent {
  user?: string;
  headers?: Record<string, string>;
  body?: string;
  endpoint?: string;
}

/** One invocation by a plain HTTP client. */
export function send(
  environment: SwitchEnvironment,
  { user, headers = {}, body = '{}', endpoint = 'shop' }: Sent = {},
): Promise<Response> {
  return fetch(`${environment.url}/endpoints/${endpoint}/invocations`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user === undefined ? {} : { 'x-penstock-user': user }),
      ...headers,
    },
    body,
  });
}

/** The variant that served the request. */
export async function variantFor(
  environment: SwitchEnvironment,
  user: string,
  sent: Sent = {},
): Promise<string | null> {
  const response = await send(environment, { ...sent, user });
  await response.arrayBuffer();
  return response.headers.get('x-amzn-invoked-production-variant');
}
