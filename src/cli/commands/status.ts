import type { Command } from 'commander';
import { CommandRejected } from '../../client.js';
import { codeChangesOf, type CodeChanges } from '../iac/code-changes.js';
import { renderCodeChanges } from '../iac/render-code-changes.js';
import type { Context, RolloutOperations } from '../support/context.js';
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
    .option('--iac', 'after a promotion: show what to change in Terraform, CloudFormation and CDK code')
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag & { iac?: true }) =>
      withClient(context, flags, async (client) => {
        if (flags.iac) {
          const changes = await readCodeChanges(client, endpoint);
          if (flags.json) printJson(context, changes);
          else print(context, renderCodeChanges(changes));
          return;
        }
        const status = await client.get(endpoint);
        const colours = coloursFor(context.stdout, context.env);
        if (flags.json) printJson(context, status);
        else print(context, renderStatus(status, context.now(), colours));
      }),
    );
  withJsonFlag(command);
  withConnectionFlags(command);
  withExamples(command, [
    'penstock status digits',
    'penstock status digits --json | jq .verdicts',
    'penstock status digits --iac',
  ]);
}

/** The last promotion counts: a later rollout that promoted nothing left its config in place. Throws CommandRejected. */
async function readCodeChanges(client: RolloutOperations, endpoint: string): Promise<CodeChanges> {
  const rejected = (reason: string) => new CommandRejected(endpoint, 'compare the code of', reason);
  const latest = await client.record(endpoint);
  if (latest.execution === 'running')
    throw rejected('its rollout is running; ask again after its end, because until then the config changes');
  if (latest.result === null || latest.result.outcome === 'rollbackFailed')
    throw rejected(
      'its last rollout left it in an unknown state; restore the endpoint first (docs/runbook.md)',
    );
  const isPromoted = latest.result.outcome === 'promoted';
  const record = isPromoted ? latest : await client.recordOfPromotion(endpoint);
  const changes = record === null ? null : codeChangesOf(record);
  if (changes === null)
    throw rejected(
      `Temporal has no promotion of it, and its last rollout ended ${latest.result.outcome}; the endpoint is as your code made it, unless an earlier rollout was promoted`,
    );
  return changes;
}
