/** Which Temporal, as whom: TEMPORAL_*, temporal.toml profiles, mTLS and API keys, through the SDK's own reader. */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { readCodec } from '../../codec/read-codec.js';
import { InvalidConnectionSettings, TemporalUnreachable } from '../errors.js';

/** What is left out comes from the environment, then from temporal.toml, then from the defaults. */
export interface ConnectOptions {
  /** host:port. Default 127.0.0.1:7233. */
  address?: string;
  /** Default `default`. */
  namespace?: string;
  /** Profile in temporal.toml. */
  profile?: string;
  /** Instead of the process's environment. */
  env?: Record<string, string>;
}

export interface ConnectionSettings {
  address: string;
  namespace: string;
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

const connectSeconds = 5;

/** After an outage, however long: gRPC waits up to two minutes between attempts unless told otherwise. */
const reconnectSoon = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** Fails: InvalidConnectionSettings, for instance for a profile that is not there. */
export function readConnectionSettings(options: ConnectOptions = {}): ConnectionSettings {
  const config = loadConfig(options);
  const address = options.address ?? config.connectionOptions.address ?? '127.0.0.1:7233';
  // What is more than that may hold a secret, and is not shown.
  if (/[@/?#]/.test(address)) throw new InvalidConnectionSettings('the address is not host:port');
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
 * A client that connects when it is first used; a call is made once, for who calls every second needs no retries. Fails:
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

/** A client reads encoded failures without a converter of its own. */
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

/** A file that cannot be parsed is quoted after the first line, with the keys in it. */
function describeConnectionError(error: unknown): string {
  const [what = ''] = messageOf(error).split('\n');
  const { line } = (error ?? {}) as { line?: unknown };
  return typeof line === 'number' ? `${what} (line ${line})` : what;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
