/** Runs the program in this process, with the streams, clock and client of the test. */
import { Writable } from 'node:stream';
import type { Context, InterruptSignal, RolloutOperations } from '../../src/cli/support/context.js';
import { run } from '../../src/cli/program.js';
import type { ConnectOptions, LiveStatus, RolloutResult } from '../../src/client.js';
import { bakingStatus, now } from '../client/rollouts/statuses.js';

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** One line per call: the name of the method and its arguments as JSON. */
export type Calls = string[];

export async function penstock(argv: string[], change: Partial<Context> = {}): Promise<Ran> {
  const stdout = new Collected();
  const stderr = new Collected();
  const exitCode = await run(argv, { ...quietContext(), stdout, stderr, ...change });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

export class Collected extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 100;

  constructor({ isTTY = false }: { isTTY?: boolean } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function quietContext(): Omit<Context, 'stdout' | 'stderr'> {
  const unexpected = (call: string) => () => Promise.reject(new Error(`${call} was not expected`));
  return {
    env: {},
    user: 'tester@host',
    now: () => now,
    // The next poll follows as soon as other tasks have run.
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    waitForInterrupt: () => new Promise<InterruptSignal>(() => undefined),
    connect: unexpected('a connection'),
    runWorker: unexpected('a worker'),
    startEmulator: unexpected('an emulator'),
    startSwitch: unexpected('a switch'),
    startCodecServer: unexpected('a codec server'),
    readHistory: unexpected('a read from CloudWatch'),
    readPreviews: unexpected('a read from AWS'),
    readAccount: unexpected('a read from AWS'),
    loadWorkflowSandbox: unexpected('a rehearsal'),
    exitCode: 0,
  };
}

/** `connect` for a client with these methods. A call of any other method fails. */
export function connectTo(answers: Partial<RolloutOperations>, calls: Calls = []): Pick<Context, 'connect'> {
  const client = new Proxy(answers, {
    get(target, name: keyof RolloutOperations | 'then') {
      if (name === 'then') return undefined;
      if (name === 'waves') return target.waves;
      return (...given: unknown[]) => {
        calls.push([name, ...given.map((argument) => JSON.stringify(argument))].join(' '));
        if (name === 'close' && target.close === undefined) return Promise.resolve();
        const answer = target[name] as ((...a: unknown[]) => unknown) | undefined;
        if (answer === undefined) throw new Error(`${name} was not expected`);
        return answer(...given);
      };
    },
  }) as RolloutOperations;
  return {
    connect: (options: ConnectOptions) => {
      calls.push(`connect ${JSON.stringify({ ...options, env: undefined })}`);
      return Promise.resolve(client);
    },
  };
}

/** A rollout with these statuses in this order, which then ends. */
export function rolloutOf(
  statuses: (LiveStatus | Error)[],
  result: Partial<RolloutResult>,
): Partial<RolloutOperations> {
  const remaining = [...statuses];
  let end: (value: RolloutResult) => void = () => undefined;
  const ended = new Promise<RolloutResult>((resolve) => (end = resolve));
  return {
    get: () => {
      const next = remaining.length > 1 ? remaining.shift() : remaining[0];
      if (remaining.length === 1) end(resultOf(result));
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? bakingStatus());
    },
    wait: () => ended,
  };
}

export function resultOf(change: Partial<RolloutResult> = {}): RolloutResult {
  return {
    rolloutId: 'digits-0a1b2c3d',
    endpoint: 'digits',
    outcome: 'promoted',
    reason: 'the candidate serves all traffic',
    serving: 'digits-0a1b2c3d-b',
    leftovers: [],
    unused: [],
    version: null,
    startedAt: '2026-11-23T10:55:00.000Z',
    endedAt: '2026-11-23T12:00:00.000Z',
    ...change,
  };
}
