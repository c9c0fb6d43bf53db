/** promote, abort, pause, resume: the same but for their verb. */
import type { Command } from 'commander';
import type { Command as RolloutCommand, RolloutStatus } from '../client.js';
import type { Context, Rollouts } from './context.js';
import {
  actorOf,
  withActorFlag,
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from './options.js';
import { print, printJson } from './output.js';

interface Flags extends ConnectionFlags, JsonFlag {
  reason: string;
  actor?: string;
  full?: true;
}

type Send = (
  client: Rollouts,
  endpoint: string,
  command: RolloutCommand,
  flags: Flags,
) => Promise<RolloutStatus>;

export function addPromote(program: Command, context: Context): void {
  const command = addVerb(
    program,
    context,
    'promote',
    'end this bake now and go on to the next step',
    promote,
  );
  command.option('--full', 'skip all remaining steps; the guardrails keep their veto');
  withExamples(command, [
    'penstock promote digits --reason "numbers look good"',
    'penstock promote digits --full --reason "hotfix, agreed with ada"',
  ]);
}

export function addAbort(program: Command, context: Context): void {
  const send: Send = (client, endpoint, command) => client.abort(endpoint, command);
  const about = 'take the rollout back: all traffic to the baseline, verified; always wins';
  withExamples(addVerb(program, context, 'abort', about, send), [
    'penstock abort digits --reason "wrong model"',
    'penstock abort digits --reason "wrong model" && penstock watch digits',
  ]);
}

export function addPause(program: Command, context: Context): void {
  const send: Send = (client, endpoint, command) => client.pause(endpoint, command);
  withExamples(addVerb(program, context, 'pause', 'stop advancing; the guardrails stay on', send), [
    'penstock pause digits --reason "waiting for the on-call engineer"',
  ]);
}

export function addResume(program: Command, context: Context): void {
  const send: Send = (client, endpoint, command) => client.resume(endpoint, command);
  withExamples(addVerb(program, context, 'resume', 'advance again after a pause', send), [
    'penstock resume digits --reason "checked, all fine"',
  ]);
}

const promote: Send = (client, endpoint, command, { full }) =>
  client.promote(endpoint, full ? { ...command, full } : command);

function addVerb(program: Command, context: Context, verb: string, description: string, send: Send): Command {
  const command = program
    .command(verb)
    .description(description)
    .argument('<endpoint>', "the endpoint's name")
    .requiredOption('--reason <why>', 'why, for the record (required)')
    .action(async (endpoint: string, flags: Flags) =>
      withClient(context, flags, async (client) => {
        const sent = { actor: actorOf(flags, context), reason: flags.reason };
        const status = await send(client, endpoint, sent, flags);
        if (flags.json) printJson(context, status);
        else print(context, `${verb} accepted: ${standing(status)}`);
      }),
    );
  withActorFlag(command);
  withJsonFlag(command);
  return withConnectionFlags(command);
}

function standing({ endpoint, phase, outcome, paused, step, reason }: RolloutStatus): string {
  const where = step.of === 0 ? '' : `, step ${step.n} of ${step.of}`;
  return `${endpoint} is ${outcome ?? phase}${paused ? ', paused' : ''}${where}: ${reason}`;
}
