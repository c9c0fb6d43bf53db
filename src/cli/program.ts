/** The penstock program: its commands, its help and its exit code. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBacktest } from './commands/backtest.js';
import { addCodecServer } from './commands/codec-server.js';
import type { Context } from './support/context.js';
import { addDemo } from './commands/demo.js';
import { addEmulator } from './commands/emulator.js';
import { reportError } from './support/exit-codes.js';
import { addLint } from './commands/lint.js';
import { addList } from './commands/list.js';
import { operatorCommands } from './commands/operator-commands.js';
import { withExamples } from './support/options.js';
import { addPlan } from './commands/plan.js';
import { addRehearse } from './commands/rehearse.js';
import { addReverse } from './commands/reverse.js';
import { addSetup } from './commands/setup.js';
import { addStart } from './commands/start.js';
import { addStatus } from './commands/status.js';
import { addSwitch } from './commands/switch.js';
import { addWatch } from './commands/watch.js';
import { addWaves } from './commands/waves.js';
import { addWorker } from './commands/worker.js';

const commands = [
  addDemo,
  addLint,
  addPlan,
  addBacktest,
  addRehearse,
  addStart,
  addWatch,
  addStatus,
  ...operatorCommands,
  addReverse,
  addList,
  addWaves,
  addWorker,
  addSwitch,
  addCodecServer,
  addEmulator,
  addSetup,
];

const defaultColumns = 100;

export function buildProgram(context: Context): Command {
  const program = new Command('penstock')
    .description('Durable model rollouts on Amazon SageMaker, run by Temporal.')
    .version(readVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for examples and options)')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? defaultColumns,
      getErrHelpWidth: () => context.stderr.columns ?? defaultColumns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  withExamples(program, [
    'penstock demo                         # two rollouts on this machine, without AWS',
    'penstock lint rollout.yaml            # check the spec',
    'penstock plan rollout.yaml            # show the steps, their times and the instance-hours',
    'penstock rehearse rollout.yaml --all  # play it with faults, in an emulated account',
    'penstock start rollout.yaml --wait    # start it, and exit with the code of its outcome',
    'penstock watch digits                 # follow the rollout of endpoint digits',
    'penstock abort digits --reason "..."  # roll back',
    'penstock reverse digits > back.yaml   # after a promotion: print a spec that rolls back',
  ]);
  program.addHelpText('after', `\n${exitCodeHelp}`);
  for (const add of commands) add(program, context);
  return program;
}

const exitCodeHelp = `Exit codes:
  0 promoted (or done)   10 rolledBack   11 aborted   12 inconclusive   13 rollbackFailed   14 failed
  2 invalid arguments or spec   1 any other error   130 interrupted (the rollout keeps running)`;

/** Runs one command line, without `node` and the name of the program. Returns the exit code. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return reportError(error, context);
  }
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
