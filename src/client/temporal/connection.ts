/** Connection settings: TEMPORAL_*, profiles of temporal.toml, mTLS and API keys, read by the SDK. */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { readCodec } from '../../codec/read-codec.js';
import { InvalidConnectionSettings, TemporalUnreachable } from '../errors.js';

/** Defaults: the environment, then temporal.toml, then the values below. */
export interface ConnectOptions {
  /** host:port. Default 127.0.0.1:7233. */
  address?: string;
  /** Default `default`. */
  namespace?: string;
  /** Profile in temporal.toml. */
  profile?: string;
  /** Used instead of the environment of the process. */
  env?: Record<string, string>;
}

export interface ConnectionSettings {
  address: string;
  namespace: string;
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

const connectSeconds = 5;

/** Reconnects within a second after an outage. gRPC's default is up to two minutes between attempts. */
const reconnectSoon = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** Fails: InvalidConnectionSettings, for example for an unknown profile. */
export function readConnectionSettings(options: ConnectOptions = {}): ConnectionSettings {
  const config = loadConfig(options);
  const address = options.address ?? config.connectionOptions.address ?? '127.0.0.1:7233';
  // The address is not shown: the excess may contain a secret.
  if (/[@/?#]/.test(address)) throw new InvalidConnectionSettings('expected host:port as the address');
  return {
    address,
    namespace: options.namespace ?? config.namespace ?? 'default',
    connectionOptions: { ...config.connectionOptions, address },
  };
}

/** Fails: InvalidConnectionSettings, InvalidEncryptionKeys, TemporalUnreachable. */
export async function openClient(options: ConnectOptions): Promise<Client> {
  const settings = readConnectionSettings(options);
  const dataConverter = dataConverterOf(options);
  try {
    const connection = await Connection.connect(optionsOf(settings));
    return new Client({ connection, namespace: settings.namespace, dataConverter });
  } catch (error) {
    throw new TemporalUnreachable(settings.address, messageOf(error), error);
  }
}

/**
 * A client that connects at the first call. It does not retry calls, because its caller polls every second. Fails:
 * InvalidConnectionSettings, InvalidEncryptionKeys.
 */
export function openLazyClient(options: ConnectOptions): Client {
  const settings = readConnectionSettings(options);
  const connection = Connection.lazy({ ...optionsOf(settings), interceptors: [] });
  return new Client({
    connection,
    namespace: settings.namespace,
    dataConverter: dataConverterOf(options),
  });
}

/** A client decodes failures without a converter of its own. */
function dataConverterOf({ env }: ConnectOptions): DataConverter {
  return { payloadCodecs: [readCodec(env).codec] };
}

function optionsOf({ address, connectionOptions }: ConnectionSettings): ConnectionOptions {
  const { tls, apiKey, metadata } = connectionOptions;
  return {
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
    connectTimeout: connectSeconds * 1000,
    channelArgs: reconnectSoon,
  };
}

function loadConfig({ profile, env }: ConnectOptions): ClientConnectConfig {
  try {
    return loadClientConnectConfig({
      ...(profile === undefined ? {} : { profile }),
      ...(env === undefined ? {} : { overrideEnvVars: env }),
    });
  } catch (error) {
    throw new InvalidConnectionSettings(describeConnectionError(error));
  }
}

/** Only the first line: after it, a parse error quotes the file, with the keys in it. */
function describeConnectionError(error: unknown): string {
  const [summary = ''] = messageOf(error).split('\n');
  const { line } = (error ?? {}) as { line?: unknown };
  return typeof line === 'number' ? `${summary} (line ${line})` : summary;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
