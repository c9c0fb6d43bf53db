/** The penstock program: its commands, and how it ends. */
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
    'penstock demo                         # everything at once, on this machine alone',
    'penstock lint rollout.yaml            # is the spec right?',
    'penstock plan rollout.yaml            # what would happen, and how long would it take?',
    'penstock start rollout.yaml --wait    # do it, and exit with the outcome',
    'penstock watch digits                 # follow the rollout of endpoint digits',
    'penstock abort digits --reason "..."  # take it back',
    'penstock reverse digits > back.yaml   # the spec of the way back, after the promotion',
  ]);
  program.addHelpText('after', `\n${exitCodeHelp}`);
  for (const add of commands) add(program, context);
  return program;
}

const exitCodeHelp = `Exit codes:
  0 promoted (or done)   10 rolledBack   11 aborted   12 inconclusive   13 rollbackFailed   14 failed
  2 bad usage or a bad spec   1 anything unforeseen   130 Ctrl-C (a rollout goes on without its watcher)`;

/** Runs one command line (without node and the program's name) and returns the exit code. */
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
