/** Composition root of the switch with Temporal as the source of splits. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { TemporalSplitSource } from './client/splits.js';
import type { ConnectOptions } from './client/temporal/connection.js';
import { startSwitch, type RunningSwitch, type SwitchSettings } from './switch/start-switch.js';

export type SwitchOptions = ConnectOptions & Omit<SwitchSettings, 'source' | 'runtime' | 'cloudwatch'>;

/** AWS region, endpoint and credentials come from the environment. Temporal may be unavailable. */
export async function runSwitch({ config, folder, log, ...connect }: SwitchOptions): Promise<RunningSwitch> {
  const source = TemporalSplitSource.open(connect);
  const clients = { runtime: {}, cloudwatch: new CloudWatchClient() };
  const running = await startSwitch({ config, folder, log, source, ...clients }).catch(
    async (error: unknown) => {
      await source.close();
      throw error;
    },
  );
  const stop = async () => {
    await running.stop();
    await source.close();
  };
  return { ...running, stop };
}
