import { InvalidArgumentError, Option, type Command } from 'commander';
import type { z } from 'zod';
import type { OperationSummary } from '../../emulator/account/calls.js';
import { faultFileSchema } from '../../emulator/control/fault-schema.js';
import { scenarioFileSchema } from '../../emulator/control/scenario-schema.js';
import { StateFileError } from '../../emulator/control/state-file-error.js';
import { parseAs } from '../../plan/spec/parse-spec.js';
import type { Context, CliEmulatorOptions, RunningEmulator } from '../support/context.js';
import { withExamples, withJsonFlag, wholeNumberArgument, type JsonFlag } from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { readTextFile } from '../support/text-file.js';
import { UsageError } from '../support/usage-error.js';
import { alignColumns } from '../view/table.js';

const maxPort = 65_535;
const maxSeed = 2 ** 32 - 1;

interface EmulatorFlags extends JsonFlag {
  port: number;
  pace: 'fast' | 'real';
  seed: number;
  scenario?: string;
  faults?: string;
  state?: string;
  enforceQuotas?: true;
  account?: string;
  region?: string;
}

export function addEmulator(program: Command, context: Context): void {
  const command = program
    .command('emulator')
    .description(
      'emulate SageMaker, SageMaker Runtime and CloudWatch on this machine, until Ctrl-C or SIGTERM',
    )
    .option('--port <number>', 'port on 127.0.0.1; 0 picks a free one', wholeNumberArgument(0, maxPort), 0)
    .addOption(
      new Option('--pace <pace>', 'duration of deployments and training jobs')
        .choices(['fast', 'real'])
        .default('fast'),
    )
    .option('--seed <number>', 'seed of the random number generator', wholeNumberArgument(0, maxSeed), 1)
    .option('--scenario <file>', 'model behaviour and traffic, as YAML')
    .option('--faults <file>', 'faults to inject, as YAML')
    .option('--state <file>', 'file that keeps the account between starts')
    .option('--enforce-quotas', 'throttle requests above the regional quotas, as AWS does')
    .option('--account <id>', 'account in ARNs (default: 123456789012)', accountArgument)
    .option('--region <region>', 'region in ARNs (default: us-east-1)', regionArgument)
    .action(async ({ json, ...flags }: EmulatorFlags) => {
      const options = optionsOf(flags);
      const emulator = await start(context, options);
      printExports(context, emulator, json === true);
      printStatus(context, [
        `Emulator at ${emulator.url}; Ctrl-C stops it.`,
        ...describeOptions(flags, options),
      ]);
      await context.waitForInterrupt();
      await emulator.stop();
      printStatus(context, renderCalls(emulator.calls.summarize()));
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock emulator --port 4600',
    'penstock emulator --port 4600 > emulator.env',
    '. ./emulator.env && penstock worker   # in another shell',
    'penstock emulator --scenario scenario.yaml --faults faults.yaml --seed 7',
    'penstock emulator --port 4600 --state account.json',
  ]);
}

async function start(context: Context, options: CliEmulatorOptions): Promise<RunningEmulator> {
  try {
    return await context.startEmulator(options);
  } catch (error) {
    if (error instanceof StateFileError) throw new UsageError(error.message);
    throw error;
  }
}

function optionsOf(flags: EmulatorFlags): CliEmulatorOptions {
  const { port, pace, seed, account, region } = flags;
  return {
    port,
    pace,
    seed,
    ...(flags.enforceQuotas ? { enforceQuotas: true } : {}),
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    ...(flags.state === undefined ? {} : { stateFile: flags.state }),
    ...(flags.scenario === undefined ? {} : readScenario(flags.scenario)),
    ...(flags.faults === undefined ? {} : readFaultsFile(flags.faults)),
  };
}

function printExports(context: Context, emulator: RunningEmulator, json: boolean): void {
  if (json) printJson(context, { url: emulator.url, env: emulator.env });
  else
    print(
      context,
      Object.entries(emulator.env).map(([name, value]) => `export ${name}=${value}`),
    );
}

/** The settings in effect, one line each. */
function describeOptions(flags: EmulatorFlags, options: CliEmulatorOptions): string[] {
  const { behaviours = [], traffic = [], faults = [] } = options;
  return [
    `Pace ${flags.pace}, seed ${flags.seed}, quotas ${flags.enforceQuotas ? 'enforced' : 'not enforced'}.`,
    ...(flags.scenario === undefined
      ? []
      : [`Scenario ${flags.scenario}: ${behaviours.length} models, traffic to ${traffic.length} endpoints.`]),
    ...(flags.state === undefined
      ? []
      : [`State file ${flags.state}. An existing state is loaded, with its own faults.`]),
    ...(flags.faults === undefined ? [] : [`Faults ${flags.faults}: ${faults.length} armed.`]),
  ];
}

function accountArgument(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected 12 digits.');
}

function regionArgument(text: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a region such as us-east-1.');
}

/** Throws UsageError, SpecError. */
function readFaultsFile(file: string): Pick<CliEmulatorOptions, 'faults'> {
  return { faults: readAs(faultFileSchema, file).faults };
}

/** Throws UsageError, SpecError. */
function readScenario(file: string): Pick<CliEmulatorOptions, 'behaviours' | 'traffic' | 'quotas'> {
  const { models, traffic, quotas } = readAs(scenarioFileSchema, file);
  return { behaviours: models, traffic, quotas };
}

function readAs<T>(schema: z.ZodType<T>, file: string): T {
  return parseAs(schema, readTextFile(file), file).value;
}

const callColumns = ['operation', 'calls', 'ok', 'throttled', 'rejected', 'failed', 'lost'] as const;

function renderCalls(summary: OperationSummary[]): string[] {
  if (summary.length === 0) return ['No calls.'];
  const rows = summary.map((each) => callColumns.map((column) => ({ text: String(each[column]) })));
  return alignColumns([callColumns.map((text) => ({ text })), ...rows]);
}
