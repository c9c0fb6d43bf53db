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

export function addWorker(program: Command, context: Context): void {
  const command = program
    .command('worker')
    .description(
      'execute rollouts until stopped by Ctrl-C or SIGTERM; AWS settings come from the environment',
    )
    .option('--look <duration>', 'time between two looks of a watch, such as 30s', durationArgument)
    .action(async ({ look, ...flags }: ConnectionFlags & { look?: number }) =>
      context.runWorker({
        ...connectionOf(flags),
        ...(look === undefined ? {} : { lookSeconds: look }),
        log: (line) => tell(context, line),
      }),
    );
  withConnectionFlags(command);
  withExamples(command, ['penstock worker', 'AWS_PROFILE=production penstock worker --look 30s']);
}
