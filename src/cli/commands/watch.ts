import type { Command } from 'commander';
import type { Context } from '../support/context.js';
import { displayOn, jsonDisplay } from '../follow/displays.js';
import { reportEnding } from '../follow/report-result.js';
import { follow } from '../follow/follow.js';
import {
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';

export function addWatch(program: Command, context: Context): void {
  const command = program
    .command('watch')
    .description('follow a rollout until it ends; exit with the code of its outcome')
    .argument('<endpoint>', 'name of the endpoint')
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag) =>
      withClient(context, flags, async (client) => {
        const json = flags.json === true;
        const display = json ? jsonDisplay(context) : displayOn(context.stdout, context);
        reportEnding(await follow(context, client, { endpoint }, display), endpoint, json, context);
      }),
    );
  withJsonFlag(command, 'print a JSON document per change, one per line; the last is the result');
  withConnectionFlags(command);
  withExamples(command, ['penstock watch digits', 'penstock watch digits --json | jq .phase']);
}
