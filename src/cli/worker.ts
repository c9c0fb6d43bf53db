import type { Command } from 'commander';
import type { Context } from './context.js';
import {
  connectionOf,
  durationArgument,
  withConnectionFlags,
  withExamples,
  type ConnectionFlags,
} from './options.js';
import { tell } from './output.js';

interface Flags extends ConnectionFlags {
  look?: number;
  taskQueue?: string;
}

export function addWorker(program: Command, context: Context): void {
  const command = program
    .command('worker')
    .description(
      'execute rollouts until stopped by Ctrl-C or SIGTERM; AWS settings come from the environment',
    )
    .option('--look <duration>', 'time between two looks of a watch, such as 30s', durationArgument)
    .option('--task-queue <name>', 'rollouts of this queue: of a wave for another region or account')
    .action(async ({ look, taskQueue, ...flags }: Flags) =>
      context.runWorker({
        ...connectionOf(flags),
        ...(look === undefined ? {} : { lookSeconds: look }),
        ...(taskQueue === undefined ? {} : { taskQueue }),
        log: (line) => tell(context, line),
      }),
    );
  withConnectionFlags(command);
  withExamples(command, [
    'penstock worker',
    'AWS_PROFILE=production penstock worker --look 30s',
    'AWS_REGION=us-east-1 penstock worker --task-queue penstock-us',
  ]);
}
