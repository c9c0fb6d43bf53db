/** Options that several commands share. */
import { InvalidArgumentError, type Command } from 'commander';
import type { ConnectOptions } from '../../client.js';
import { parseDuration } from '../../plan/units/durations.js';
import { taskQueue } from '../../workflows/messages.js';
import type { Context, RolloutOperations } from './context.js';

export interface ConnectionFlags {
  address?: string;
  namespace?: string;
  profile?: string;
}

export interface JsonFlag {
  json?: true;
}

export function withConnectionFlags(command: Command): Command {
  return command
    .option(
      '--address <host:port>',
      'Temporal server (default: TEMPORAL_ADDRESS, temporal.toml, 127.0.0.1:7233)',
    )
    .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, temporal.toml, default)')
    .option('--profile <name>', 'profile in temporal.toml');
}

export function withJsonFlag(command: Command, description = 'print one JSON document to stdout'): Command {
  return command.option('--json', description);
}

export function withActorFlag(command: Command): Command {
  return command.option(
    '--actor <name>',
    'actor, recorded in the timeline (default: PENSTOCK_ACTOR, or user@host)',
  );
}

/** For the start of workflows. The default is that of workers. */
export function withTaskQueueFlag(command: Command): Command {
  return command.option(
    '--task-queue <name>',
    `task queue of the workers that run it (default: ${taskQueue}); \`penstock worker --task-queue\` polls it`,
    taskQueueArgument,
  );
}

/** Temporal's names have at most 1,000 characters. Source: https://docs.temporal.io/self-hosted-guide/defaults */
export function taskQueueArgument(text: string): string {
  if (/^\S{1,200}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected the name of a task queue, without spaces.');
}

export function actorOf({ actor }: { actor?: string }, context: Context): string {
  const given = actor ?? context.env['PENSTOCK_ACTOR'];
  return given === undefined || given === '' ? context.user : given;
}

/** Help begins with the examples. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('before', `Examples:\n${examples.map((line) => `  $ ${line}`).join('\n')}\n`);
}

/** Connects a client, runs `work`, and closes the client. */
export async function withClient<T>(
  context: Context,
  flags: ConnectionFlags,
  work: (client: RolloutOperations) => Promise<T>,
): Promise<T> {
  const client = await context.connect({ ...connectionOf(flags), env: definedIn(context.env) });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export function connectionOf({ address, namespace, profile }: ConnectionFlags): ConnectOptions {
  return {
    ...(address === undefined ? {} : { address }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(profile === undefined ? {} : { profile }),
  };
}

function definedIn(env: Context['env']): Record<string, string> {
  const defined = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(defined);
}

/** Seconds. */
export function durationArgument(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new InvalidArgumentError('Expected a duration such as 30s, 15m or 7d.');
  }
}

/** Accepts whole numbers from `from` to `to`. */
export function wholeNumberArgument(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= from && value <= to)) {
      throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}.`);
    }
    return value;
  };
}
