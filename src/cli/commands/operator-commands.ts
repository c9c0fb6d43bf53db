/** What an operator tells a running rollout: the same but for the verb. */
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
    'end this bake now, open a manual gate, or end the rollback window',
    promote,
  );
  command.option('--full', 'skip all remaining steps; the guardrails keep their veto');
  withExamples(command, [
    'penstock promote digits --reason "numbers look good"',
    'penstock promote digits --full --reason "hotfix, agreed with ada"',
  ]);
}

type OperatorVerb = 'approve' | 'abort' | 'undo' | 'pause' | 'resume' | 'retry';

/** Verbs that take nothing but an endpoint and a reason. */
const verbs: Record<OperatorVerb, { about: string; examples: string[] }> = {
  approve: {
    about: 'say yes to the gate that waits for approvals; each person counts once',
    examples: ['penstock approve digits --reason "numbers look good"'],
  },
  abort: {
    about: 'take the rollout back: all traffic to the baseline, verified; always wins',
    examples: [
      'penstock abort digits --reason "wrong model"',
      'penstock abort digits --reason "wrong model" && penstock watch digits',
    ],
  },
  undo: {
    about: 'back to the baseline after the promotion, as long as the rollback window is open',
    examples: [
      'penstock undo digits --reason "complaints since noon"',
      'penstock reverse digits > back.yaml   # where the window is over',
    ],
  },
  pause: {
    about: 'stop advancing; the guardrails stay on',
    examples: ['penstock pause digits --reason "waiting for the on-call engineer"'],
  },
  resume: {
    about: 'advance again after a pause',
    examples: ['penstock resume digits --reason "checked, all fine"'],
  },
  retry: {
    about: 'try at once what is held, instead of after a while',
    examples: ['penstock retry digits --reason "permission mended"'],
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
    .argument('<endpoint>', "the endpoint's name")
    .requiredOption('--reason <why>', 'why, for the record (required)')
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
