import { Option, type Command } from 'commander';
import type { Context, EmulatorOptions } from './context.js';
import { withExamples, withJsonFlag, wholeNumberArgument, type JsonFlag } from './options.js';
import { print, printJson, tell } from './output.js';

const largestPort = 65_535;
const largestSeed = 2 ** 32 - 1;

export function addEmulator(program: Command, context: Context): void {
  const command = program
    .command('emulator')
    .description('SageMaker, SageMaker Runtime and CloudWatch on this machine, until Ctrl-C or SIGTERM')
    .option(
      '--port <number>',
      'port on 127.0.0.1; 0 takes a free one',
      wholeNumberArgument(0, largestPort),
      0,
    )
    .addOption(
      new Option('--pace <pace>', 'how long deployments and trainings take')
        .choices(['fast', 'real'])
        .default('fast'),
    )
    .option('--seed <number>', 'seed of the simulated traffic', wholeNumberArgument(0, largestSeed), 1)
    .action(async ({ json, ...options }: EmulatorOptions & JsonFlag) => {
      const emulator = await context.startEmulator(options);
      if (json) printJson(context, { url: emulator.url, env: emulator.env });
      else
        print(
          context,
          Object.entries(emulator.env).map(([name, value]) => `export ${name}=${value}`),
        );
      tell(context, `Emulator at ${emulator.url}; Ctrl-C stops it.`);
      await context.untilInterrupted();
      await emulator.stop();
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock emulator --port 4600',
    'penstock emulator --port 4600 > emulator.env',
    '. ./emulator.env && penstock worker   # in another shell',
  ]);
}
