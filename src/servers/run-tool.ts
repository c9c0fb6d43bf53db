/** Runs a program that another one needs to be built, and says why where it cannot. */
import { once } from 'node:events';
import which from 'which';
import { startChild, type Child, type ChildOptions } from '../processes/child.js';
import { Unavailable } from './find-program.js';

/** Path of a program on PATH. Throws `Unavailable`. */
export async function requireTool(name: string): Promise<string> {
  const found = await which(name, { nothrow: true });
  if (found === null) throw new Unavailable(`no ${name} on PATH`);
  return found;
}

/**
 * Runs a command to its end and returns its stdout. `until` may give it up: where it returns a reason first, the
 * command is stopped. Throws `Unavailable` with that reason, or with the last lines that the command wrote.
 */
export async function runTool(
  command: string,
  args: string[],
  options: ChildOptions = {},
  until: (signal: AbortSignal) => Promise<string> = () => new Promise(() => undefined),
): Promise<string> {
  const child = startChild(command, args, options);
  const output = collectOutput(child);
  const givenUp = new AbortController();
  const ended = once(child.process, 'close') as Promise<[number | null, string | null]>;
  const outcome = await Promise.race([ended, until(givenUp.signal)]);
  givenUp.abort();
  if (typeof outcome === 'string') {
    await child.stop();
    throw new Unavailable(outcome);
  }
  if (outcome[0] !== 0)
    throw new Unavailable(lastLines(output) || `${command} ended with ${outcome[0] ?? outcome[1]}`);
  return output.stdout;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** Collects what a child writes, from now on; the last 100,000 characters of each stream. */
export function collectOutput(child: Child): Output {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child.process[stream]?.on('data', (chunk: Buffer) => {
      output[stream] = (output[stream] + chunk.toString()).slice(-100_000);
    });
  }
  return output;
}

/** The last few lines of stderr, or of stdout where stderr is empty, as one line. */
export function lastLines({ stdout, stderr }: Output): string {
  const text = stderr.trim() || stdout.trim();
  return text.split('\n').slice(-3).join(' / ').slice(-600);
}
