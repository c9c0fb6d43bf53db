/** Which Temporal, as whom: TEMPORAL_*, temporal.toml profiles, mTLS and API keys, through the SDK's own reader. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { BadConnectionSettings, TemporalUnreachable } from './errors.js';

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

/** Fails: BadConnectionSettings, for instance for a profile that is not there. */
export function readConnectionSettings(options: ConnectOptions = {}): ConnectionSettings {
  const config = loadConfig(options);
  const address = options.address ?? config.connectionOptions.address ?? '127.0.0.1:7233';
  return {
    address,
    namespace: options.namespace ?? config.namespace ?? 'default',
    connectionOptions: { ...config.connectionOptions, address },
  };
}

/** Fails: BadConnectionSettings, TemporalUnreachable. */
export async function openClient(options: ConnectOptions): Promise<Client> {
  const { address, namespace, connectionOptions } = readConnectionSettings(options);
  try {
    const { tls, apiKey, metadata } = connectionOptions;
    const connection = await Connection.connect({
      address,
      ...(tls === undefined ? {} : { tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
      connectTimeout: connectSeconds * 1000,
    });
    return new Client({ connection, namespace });
  } catch (error) {
    throw new TemporalUnreachable(address, messageOf(error), error);
  }
}

function loadConfig({ profile, env }: ConnectOptions): ClientConnectConfig {
  try {
    return loadClientConnectConfig({
      ...(profile === undefined ? {} : { profile }),
      ...(env === undefined ? {} : { overrideEnvVars: env }),
    });
  } catch (error) {
    throw new BadConnectionSettings(messageOf(error), error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
