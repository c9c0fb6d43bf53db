import type { Command } from 'commander';
import type { Context, CliWorkerOptions } from '../support/context.js';
import {
  connectionOf,
  durationArgument,
  withConnectionFlags,
  withExamples,
  type ConnectionFlags,
} from '../support/options.js';
import { printStatus } from '../support/output.js';
import { UsageError } from '../support/usage-error.js';

interface WorkerFlags extends ConnectionFlags {
  pollInterval?: number;
  taskQueue?: string;
  buildId?: string;
  deployment?: string;
  autoUpgrade?: true;
}

export function addWorker(program: Command, context: Context): void {
  const command = program
    .command('worker')
    .description(
      'execute rollouts until stopped by Ctrl-C or SIGTERM; AWS settings come from the environment',
    )
    .option('--poll-interval <duration>', 'how often to poll AWS (default: 30s)', durationArgument)
    .option('--task-queue <name>', 'rollouts of this queue: of a wave for another region or account')
    .option('--build-id <id>', 'this version: rollouts end on the one that they began on (docs/upgrading.md)')
    .option('--deployment <name>', 'the Worker Deployment that it is a version of (default: penstock)')
    .option('--auto-upgrade', 'rollouts move on to the current version instead')
    .action(async ({ pollInterval, taskQueue, ...flags }: WorkerFlags) =>
      context.runWorker({
        ...connectionOf(flags),
        ...(pollInterval === undefined ? {} : { pollSeconds: pollInterval }),
        ...(taskQueue === undefined ? {} : { taskQueue }),
        ...versionOf(flags),
        log: (line) => printStatus(context, line),
      }),
    );
  withConnectionFlags(command);
  withExamples(command, [
    'penstock worker',
    'AWS_PROFILE=production penstock worker --poll-interval 1m',
    'AWS_REGION=us-east-1 penstock worker --task-queue penstock-us',
    'penstock worker --build-id 1.4.0      # rollouts that began on 1.3.0 stay there',
  ]);
}

function versionOf({ buildId, deployment, autoUpgrade }: WorkerFlags): Pick<CliWorkerOptions, 'version'> {
  if (buildId === undefined) {
    if (deployment === undefined && autoUpgrade === undefined) return {};
    throw new UsageError('Which version is it? --deployment and --auto-upgrade want a --build-id.');
  }
  const versioningBehavior = autoUpgrade ? 'autoUpgrade' : 'pinned';
  return { version: { deployment: deployment ?? 'penstock', buildId, versioningBehavior } };
}
