/** The penstock program: its commands, and how it ends. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBacktest } from './backtest.js';
import { addCodecServer } from './codec-server.js';
import type { Context } from './context.js';
import { addDemo } from './demo.js';
import { addEmulator } from './emulator.js';
import { reportError } from './exit-codes.js';
import { addLint } from './lint.js';
import { addList } from './list.js';
import { operatorCommands } from './operator-commands.js';
import { withExamples } from './options.js';
import { addPlan } from './plan.js';
import { addReverse } from './reverse.js';
import { addSetup } from './setup.js';
import { addStart } from './start.js';
import { addStatus } from './status.js';
import { addSwitch } from './switch.js';
import { addWatch } from './watch.js';
import { addWaves } from './waves.js';
import { addWorker } from './worker.js';

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
