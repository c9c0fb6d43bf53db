import type { Command } from 'commander';
import type { StartedRollout } from '../../client.js';
import type { Context, RolloutOperations } from '../support/context.js';
import { displayOn } from '../follow/displays.js';
import { reportEnding } from '../follow/report-result.js';
import { follow } from '../follow/follow.js';
import {
  actorOf,
  withActorFlag,
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  withTaskQueueFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { readAnySpecFile } from '../support/spec-file.js';
import { startWaves } from './waves.js';

interface StartFlags extends ConnectionFlags, JsonFlag {
  wait?: true;
  actor?: string;
  taskQueue?: string;
}

export function addStart(program: Command, context: Context): void {
  const command = program
    .command('start')
    .description('check a spec and start its rollout, or its waves')
    .argument('<file>', 'spec, YAML or JSON')
    .option('--wait', 'follow the rollout on stderr until it ends; exit with the code of its outcome')
    .action(async (file: string, flags: StartFlags) => {
      const { json, waves } = readAnySpecFile(file);
      const by = { startedBy: actorOf(flags, context), taskQueue: flags.taskQueue };
      await withClient(context, flags, async (client) => {
        if (waves) return startWaves(json, by, client, flags, context);
        const started = await client.start(json, by);
        if (flags.wait) await waitForEnd(started, client, flags.json === true, context);
        else announce(started, flags.json === true, context);
      });
    });
  withTaskQueueFlag(command);
  withActorFlag(command);
  withJsonFlag(command, 'print one JSON document to stdout: the started rollout, or with --wait its result');
  withConnectionFlags(command);
  withExamples(command, [
    'penstock start rollout.yaml',
    'penstock start rollout.yaml --wait --json > result.json',
    'penstock start rollout.yaml --task-queue penstock-us   # workers with access to that region',
    'penstock start waves.yaml              # endpoints wave by wave: penstock waves NAME',
  ]);
}

function announce(started: StartedRollout, json: boolean, context: Context): void {
  if (json) printJson(context, started);
  else print(context, started.workflowId);
  printStatus(context, `Started. Follow it with \`penstock watch ${started.endpoint}\`.`);
}

async function waitForEnd(
  started: StartedRollout,
  client: RolloutOperations,
  json: boolean,
  context: Context,
): Promise<void> {
  printStatus(context, `Started ${started.workflowId}. Ctrl-C leaves it running.`);
  const ending = await follow(context, client, started, displayOn(context.stderr, context));
  reportEnding(ending, started.endpoint, json, context);
}
