/**
 * Child processes that never outlive their parent, however the parent ends (also by SIGKILL).
 *
 * A lifeline pipe runs from the parent to a watcher beside the child. A dead parent's pipe closes, the watcher sees it
 * and kills the child's process group. Needs a POSIX shell (Linux, macOS).
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

export interface ChildOptions {
  /** Environment of the child; the parent's unless given. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Child's stdin, stdout and stderr, as of `spawn`; `['ignore', 'pipe', 'pipe']` unless given. */
  stdio?: [StdioStream, StdioStream, StdioStream];
  /** How long `stop` waits between SIGTERM and SIGKILL; 5,000 unless given. */
  graceMs?: number;
}

export type StdioStream = 'ignore' | 'pipe' | 'inherit' | number;

export interface Child {
  process: ChildProcess;
  /** Ends the child (SIGTERM, later SIGKILL) and resolves when it is gone. Safe to call again. */
  stop(): Promise<void>;
}

// The shell becomes the command, so pid, exit code and signals are the command's own. The watcher's `read` fails at
// the pipe's end; a line says that the child is gone already, so that no stranger with its old pid is hit.
const launcher = '(read -r _ <&3 || kill -KILL -$$) </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"';

/**
 * Starts a command in a process group of its own: Ctrl-C at a terminal reaches the parent alone, which then stops its
 * children in its own order. A command that does not exist ends with exit code 127, one that is not executable with 126.
 */
export function startChild(command: string, args: string[], options: ChildOptions = {}): Child {
  const [stdin, stdout, stderr] = options.stdio ?? ['ignore', 'pipe', 'pipe'];
  const spawnOptions: SpawnOptions = { stdio: [stdin, stdout, stderr, 'pipe'], detached: true };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
  if (options.env !== undefined) spawnOptions.env = options.env;
  const child = spawn('/bin/sh', ['-c', launcher, 'sh', command, ...args], spawnOptions);
  holdLifeline(child);
  return { process: child, stop: () => stopChild(child, options.graceMs ?? 5_000) };
}

function holdLifeline(child: ChildProcess): void {
  const lifeline = child.stdio[3] as Writable;
  // The watcher may be gone before the line reaches it, which is just as well.
  lifeline.on('error', () => undefined);
  child.once('exit', () => lifeline.end('gone\n'));
}

async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), graceMs);
  await exited;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || hasEnded(child)) return;
  process.kill(-child.pid, 'SIGKILL');
}
