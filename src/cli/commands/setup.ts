import type { Command } from 'commander';
import type { AttributeRegistration } from '../../client.js';
import type { Context } from '../support/context.js';
import {
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson } from '../support/output.js';

export function addSetup(program: Command, context: Context): void {
  const command = program
    .command('setup')
    .description('prepare a Temporal namespace: register the search attributes of rollouts')
    .action(async (flags: ConnectionFlags & JsonFlag) =>
      withClient(context, flags, async (client) => {
        const registration = await client.setup();
        if (flags.json) printJson(context, registration);
        else print(context, linesOf(registration));
      }),
    );
  withJsonFlag(command);
  withConnectionFlags(command);
  withExamples(command, ['penstock setup', 'penstock setup --namespace rollouts']);
}

function linesOf({ namespace, added, present }: AttributeRegistration): string[] {
  return [
    ...(added.length === 0 ? [] : [`registered in ${namespace}: ${added.join(', ')}`]),
    ...(present.length === 0 ? [] : [`already in ${namespace}: ${present.join(', ')}`]),
  ];
}
