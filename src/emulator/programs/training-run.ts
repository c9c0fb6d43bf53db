import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Child, startChild } from '../../processes/child.js';
import { programEnvironment } from './environment.js';

export interface TrainingInput {
  entry: string;
  /** The folder that is used as /opt/ml. */
  prefix: string;
  hyperparameters: Record<string, string>;
  /** Source folders by channel name. */
  channels: Record<string, string>;
  /** Target folder of the model directory. */
  artefact: string;
  onLine: (line: string) => void;
}

export type TrainingEnd = { ok: true } | { ok: false; reason: string };

const failureCharacters = 1024;
/** SageMaker's time between SIGTERM and SIGKILL. */
const stopGraceMs = 120_000;

/** One run of a training program with SageMaker's contract, with a folder instead of /opt/ml. */
export class TrainingRun {
  readonly ended: Promise<TrainingEnd>;
  private child: Child | null = null;
  private stopped = false;

  constructor(private readonly input: TrainingInput) {
    this.ended = this.run().catch((error: unknown) => ({
      ok: false,
      reason: `InternalServerError: ${String(error)}`,
    }));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.child?.stop();
  }

  private async run(): Promise<TrainingEnd> {
    await this.prepare();
    if (this.stopped) return { ok: false, reason: 'stopped' };
    const { prefix, entry } = this.input;
    this.child = startChild(process.execPath, [entry], {
      cwd: prefix,
      env: programEnvironment(this.environment()),
      graceMs: stopGraceMs,
    });
    const { stdout, stderr } = this.child.process;
    if (stdout) createInterface(stdout).on('line', this.input.onLine);
    if (stderr) createInterface(stderr).on('line', this.input.onLine);
    const [exitCode] = (await once(this.child.process, 'close')) as [number | null];
    return exitCode === 0 ? this.keepModel() : this.readFailure(exitCode);
  }

  private async prepare(): Promise<void> {
    const { prefix, channels, hyperparameters } = this.input;
    for (const folder of ['input/config', 'input/data', 'model', 'output/data']) {
      await mkdir(join(prefix, folder), { recursive: true });
    }
    for (const [channel, source] of Object.entries(channels)) {
      await cp(source, join(prefix, 'input/data', channel), { recursive: true });
    }
    const channelConfig = Object.keys(channels).map((channel) => [channel, { TrainingInputMode: 'File' }]);
    await this.writeConfig('hyperparameters.json', hyperparameters);
    await this.writeConfig('inputdataconfig.json', Object.fromEntries(channelConfig));
    await this.writeConfig('resourceconfig.json', { current_host: 'algo-1', hosts: ['algo-1'] });
  }

  private async writeConfig(name: string, content: unknown): Promise<void> {
    await writeFile(join(this.input.prefix, 'input/config', name), JSON.stringify(content));
  }

  /** The variables of SageMaker's training toolkit, so that a program runs here and on SageMaker. */
  private environment(): Record<string, string> {
    const { prefix, channels, hyperparameters } = this.input;
    const channelFolders = Object.keys(channels).map((channel) => [
      `SM_CHANNEL_${channel.toUpperCase()}`,
      join(prefix, 'input/data', channel),
    ]);
    return {
      SM_INPUT_DIR: join(prefix, 'input'),
      SM_INPUT_CONFIG_DIR: join(prefix, 'input/config'),
      SM_MODEL_DIR: join(prefix, 'model'),
      SM_OUTPUT_DIR: join(prefix, 'output'),
      SM_OUTPUT_DATA_DIR: join(prefix, 'output/data'),
      SM_CHANNELS: JSON.stringify(Object.keys(channels)),
      SM_HPS: JSON.stringify(hyperparameters),
      ...(Object.fromEntries(channelFolders) as Record<string, string>),
    };
  }

  private async keepModel(): Promise<TrainingEnd> {
    await cp(join(this.input.prefix, 'model'), this.input.artefact, { recursive: true });
    await rm(this.input.prefix, { recursive: true, force: true });
    return { ok: true };
  }

  private async readFailure(exitCode: number | null): Promise<TrainingEnd> {
    const file = join(this.input.prefix, 'output/failure');
    const text = existsSync(file) ? (await readFile(file, 'utf8')).trim() : '';
    const reason = `AlgorithmError: ${text}, exit code: ${exitCode ?? 'none'}`;
    return { ok: false, reason: reason.slice(0, failureCharacters) };
  }
}
