/** Runs build and download tools. */
import { once } from 'node:events';
import which from 'which';
import { startChild, type Child, type ChildOptions } from '../processes/child.js';
import { Unavailable } from './find-program.js';

/** Path of a program on PATH. Throws `Unavailable`. */
export async function requireTool(name: string): Promise<string> {
  const found = await which(name, { nothrow: true });
  if (found === null) throw new Unavailable(`${name} is not on PATH`);
  return found;
}

/**
 * Runs a command to its end and returns its stdout. If `until` resolves first, stops the command. Throws
 * `Unavailable` with the reason of `until`, or with the last lines of the command's output.
 */
export async function runTool(
  command: string,
  args: string[],
  options: ChildOptions = {},
  until: (signal: AbortSignal) => Promise<string> = () => new Promise(() => undefined),
): Promise<string> {
  const child = startChild(command, args, options);
  const output = collectOutput(child);
  const cancel = new AbortController();
  const ended = once(child.process, 'close') as Promise<[number | null, string | null]>;
  const outcome = await Promise.race([ended, until(cancel.signal)]);
  cancel.abort();
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

/** Collects the output of a child from now on: the last 100,000 characters of each stream. */
export function collectOutput(child: Child): Output {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child.process[stream]?.on('data', (chunk: Buffer) => {
      output[stream] = (output[stream] + chunk.toString()).slice(-100_000);
    });
  }
  return output;
}

/** The last three lines of stderr, or of stdout if stderr is empty, as one line. */
export function lastLines({ stdout, stderr }: Output): string {
  const text = stderr.trim() || stdout.trim();
  return text.split('\n').slice(-3).join(' / ').slice(-600);
}
