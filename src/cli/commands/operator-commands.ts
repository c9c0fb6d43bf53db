/** Commands of an operator to a running rollout. They differ only in the verb. */
import type { Command } from 'commander';
import type { Command as RolloutCommand, RolloutStatus } from '../../client.js';
import type { Context, RolloutOperations } from '../support/context.js';
import {
  actorOf,
  withActorFlag,
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson } from '../support/output.js';

interface OperatorFlags extends ConnectionFlags, JsonFlag {
  reason: string;
  actor?: string;
  full?: true;
}

type Send = (
  client: RolloutOperations,
  endpoint: string,
  command: RolloutCommand,
  flags: OperatorFlags,
) => Promise<RolloutStatus>;

function addPromote(program: Command, context: Context): void {
  const command = addVerb(
    program,
    context,
    'promote',
    'end the current bake, open a manual gate, or end the rollback window',
    promote,
  );
  command.option('--full', 'skip all remaining steps; failing guardrails still roll back');
  withExamples(command, [
    'penstock promote digits --reason "numbers look good"',
    'penstock promote digits --full --reason "hotfix, agreed with ada"',
  ]);
}

type OperatorVerb = 'approve' | 'abort' | 'undo' | 'pause' | 'resume' | 'retry';

/** Verbs with only an endpoint and a reason. */
const verbs: Record<OperatorVerb, { about: string; examples: string[] }> = {
  approve: {
    about: 'approve the current gate; each actor counts once',
    examples: ['penstock approve digits --reason "numbers look good"'],
  },
  abort: {
    about: 'roll back: all traffic to the baseline, verified; overrides all other commands',
    examples: [
      'penstock abort digits --reason "wrong model"',
      'penstock abort digits --reason "wrong model" && penstock watch digits',
    ],
  },
  undo: {
    about: 'roll back after the promotion, while the rollback window is open',
    examples: [
      'penstock undo digits --reason "complaints since noon"',
      'penstock reverse digits > back.yaml   # after the window: print a spec that rolls back',
    ],
  },
  pause: {
    about: 'stop advancing; guardrails stay active',
    examples: ['penstock pause digits --reason "waiting for the on-call engineer"'],
  },
  resume: {
    about: 'continue after a pause',
    examples: ['penstock resume digits --reason "checked, all fine"'],
  },
  retry: {
    about: 'check a held rollout again now instead of at the next poll',
    examples: ['penstock retry digits --reason "permission fixed"'],
  },
};

export const operatorCommands = [addPromote, ...(Object.keys(verbs) as OperatorVerb[]).map(adderOf)];

function adderOf(verb: OperatorVerb): (program: Command, context: Context) => void {
  const { about, examples } = verbs[verb];
  const send: Send = (client, endpoint, command) => client[verb](endpoint, command);
  return (program, context) => withExamples(addVerb(program, context, verb, about, send), examples);
}

const promote: Send = (client, endpoint, command, { full }) =>
  client.promote(endpoint, full ? { ...command, full } : command);

function addVerb(program: Command, context: Context, verb: string, description: string, send: Send): Command {
  const command = program
    .command(verb)
    .description(description)
    .argument('<endpoint>', 'name of the endpoint')
    .requiredOption('--reason <text>', 'reason, recorded in the timeline (required)')
    .action(async (endpoint: string, flags: OperatorFlags) =>
      withClient(context, flags, async (client) => {
        const sent = { actor: actorOf(flags, context), reason: flags.reason };
        const status = await send(client, endpoint, sent, flags);
        if (flags.json) printJson(context, status);
        else print(context, `${verb} accepted: ${summarizeStatus(status)}`);
      }),
    );
  withActorFlag(command);
  withJsonFlag(command);
  return withConnectionFlags(command);
}

function summarizeStatus({ endpoint, phase, outcome, paused, step, reason }: RolloutStatus): string {
  const where = step.of === 0 ? '' : `, step ${step.n} of ${step.of}`;
  return `${endpoint} is ${outcome ?? phase}${paused ? ', paused' : ''}${where}: ${reason}`;
}
