/**
 * Child processes that never outlive their parent, even if the parent is killed with SIGKILL.
 *
 * A pipe connects the parent with a watcher process. When the parent ends, the pipe closes, and the watcher kills
 * the process group of the child. Needs a POSIX shell (Linux, macOS).
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

export interface ChildOptions {
  /** Environment of the child. Default: that of the parent. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The child's stdin, stdout and stderr, as in `spawn`. Default: `['ignore', 'pipe', 'pipe']`. */
  stdio?: [StdioStream, StdioStream, StdioStream];
  /** Milliseconds between SIGTERM and SIGKILL in `stop`. Default: 5,000. */
  graceMs?: number;
}

export type StdioStream = 'ignore' | 'pipe' | 'inherit' | number;

export interface Child {
  process: ChildProcess;
  /** Ends the child (SIGTERM, later SIGKILL) and resolves when it has exited. Safe to call again. */
  stop(): Promise<void>;
}

// `exec` replaces the shell, so pid, exit code and signals are those of the command. The watcher's `read` fails at
// the end of the pipe. A line on the pipe means that the child has already exited: another process may have its pid
// by then.
const launcher = '(read -r _ <&3 || kill -KILL -$$) </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"';

/**
 * Starts a command in its own process group: Ctrl-C on a terminal reaches only the parent, which then stops its
 * children in its own order. Exit code 127: the command does not exist. Exit code 126: it is not executable.
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
  // The watcher may have exited before the line reaches it. That is harmless.
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
