import type { Command } from 'commander';
import type { RolloutSummary } from '../../client.js';
import type { Context } from '../support/context.js';
import {
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { renderSummaries } from '../view/summaries.js';

export function addList(program: Command, context: Context): void {
  const command = program
    .command('list')
    .description('list running rollouts')
    .option('--all', 'include ended rollouts that Temporal still retains')
    .action(async (flags: ConnectionFlags & JsonFlag & { all?: true }) =>
      withClient(context, flags, async (client) => {
        const found = await client.list({ all: flags.all === true });
        if (flags.json) printJson(context, found);
        else show(found, flags.all === true, context);
      }),
    );
  withJsonFlag(command);
  withConnectionFlags(command);
  withExamples(command, ['penstock list', 'penstock list --all --json | jq ".[].outcome"']);
}

function show(found: RolloutSummary[], all: boolean, context: Context): void {
  if (found.length > 0) print(context, renderSummaries(found, context.now()));
  else
    printStatus(
      context,
      all ? 'No rollouts.' : 'No rollout is running. `penstock list --all` includes ended rollouts.',
    );
}
