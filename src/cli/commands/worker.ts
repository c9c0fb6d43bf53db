import type { Command } from 'commander';
import type { Context, CliWorkerOptions } from '../support/context.js';
import {
  connectionOf,
  durationArgument,
  taskQueueArgument,
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
    .description('run rollouts until Ctrl-C or SIGTERM; AWS settings come from the environment')
    .option(
      '--poll-interval <duration>',
      'how often to poll AWS, for example 10s (default: 30s)',
      durationArgument,
    )
    .option(
      '--task-queue <name>',
      'task queue to poll (default: penstock); `penstock start --task-queue` and waves can name another',
      taskQueueArgument,
    )
    .option(
      '--build-id <id>',
      'version of this worker; a rollout stays on the version that it started on (docs/upgrading.md)',
    )
    .option('--deployment <name>', 'Worker Deployment of this version (default: penstock)')
    .option('--auto-upgrade', 'move running rollouts to the current version instead')
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
    'penstock worker --build-id 1.4.0      # rollouts that started on 1.3.0 stay there',
  ]);
}

function versionOf({ buildId, deployment, autoUpgrade }: WorkerFlags): Pick<CliWorkerOptions, 'version'> {
  if (buildId === undefined) {
    if (deployment === undefined && autoUpgrade === undefined) return {};
    throw new UsageError('--deployment and --auto-upgrade require --build-id.');
  }
  const versioningBehavior = autoUpgrade ? 'autoUpgrade' : 'pinned';
  return { version: { deployment: deployment ?? 'penstock', buildId, versioningBehavior } };
}
