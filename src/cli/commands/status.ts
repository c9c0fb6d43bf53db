import type { Command } from 'commander';
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
import { coloursFor } from '../view/colours.js';
import { renderStatus } from '../view/status-view.js';

export function addStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .description('show the current state of a rollout, or its outcome')
    .argument('<endpoint>', 'name of the endpoint')
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag) =>
      withClient(context, flags, async (client) => {
        const status = await client.get(endpoint);
        const colours = coloursFor(context.stdout, context.env);
        if (flags.json) printJson(context, status);
        else print(context, renderStatus(status, context.now(), colours));
      }),
    );
  withJsonFlag(command);
  withConnectionFlags(command);
  withExamples(command, ['penstock status digits', 'penstock status digits --json | jq .verdicts']);
}
