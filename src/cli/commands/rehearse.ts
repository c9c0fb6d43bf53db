/** `penstock rehearse`: plays the rollout of a spec in an emulated account, on a simulated clock. */
import type { Command } from 'commander';
import { compilePlan } from '../../plan/compile/compile-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { defaultAccountFor, type RehearsedAccount } from '../../rehearsal/account/rehearsed-account.js';
import type { NotRehearsed, ScenarioResult } from '../../rehearsal/report/rehearsal-report.js';
import { builtInScenarios, buildScenario, isBuiltIn } from '../../rehearsal/scenario/built-in-scenarios.js';
import { readScenario } from '../../rehearsal/scenario/read-scenario.js';
import type { Scenario } from '../../rehearsal/scenario/scenario.js';
import { workflowIdOf } from '../../workflows/messages.js';
import type { Context } from '../support/context.js';
import { unexpectedError } from '../support/exit-codes.js';
import { type JsonFlag, withExamples, withJsonFlag } from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { readAnySpecFile } from '../support/spec-file.js';
import { readTextFile } from '../support/text-file.js';
import { UsageError } from '../support/usage-error.js';
import { renderRehearsals } from '../view/rehearsal/rehearsal-table.js';
import { renderRehearsal } from '../view/rehearsal/rehearsal-view.js';
import { alignColumns } from '../view/table.js';

interface RehearseFlags extends JsonFlag {
  scenario?: string[];
  all?: true;
  fromAws?: true;
}

const defaultColumns = 100;
const scenarioFile = /\.(ya?ml|json)$|\//;

export function addRehearse(program: Command, context: Context): void {
  const command = program
    .command('rehearse')
    .description('play a rollout in an emulated account, with faults; needs no Temporal and no AWS')
    .argument('<file>', 'spec, YAML or JSON')
    .option(
      '--scenario <name|file>',
      'a built-in scenario, or a scenario file; repeatable (default: healthy)',
      (value: string, previous: string[] = []) => [...previous, value],
    )
    .option('--all', 'all built-in scenarios')
    .option(
      '--from-aws',
      'read endpoint, alarms and two weeks of traffic from AWS, with the credentials of the environment; changes nothing',
    )
    .action(async (file: string, flags: RehearseFlags) => {
      const results = await rehearseFile(file, flags, context);
      printResults(results, flags, context);
      const isMet = results.every(
        (result) => result.kind === 'notRehearsed' || result.expectations.every((each) => each.isMet),
      );
      if (!isMet) context.exitCode = unexpectedError;
    });
  withJsonFlag(command);
  withExamples(command, [
    'penstock rehearse rollout.yaml                              # a healthy candidate',
    'penstock rehearse rollout.yaml --scenario errs-much         # what users would see of a bad one',
    'penstock rehearse rollout.yaml --all                        # every built-in scenario, one table',
    'penstock rehearse rollout.yaml --scenario slow-leak.yaml    # exit code 1 if its `expect` is not met',
    'penstock rehearse rollout.yaml --all --from-aws --json      # in an account that looks like yours',
  ]);
  command.addHelpText('after', `\n${scenariosHelp}`);
}

const scenariosHelp = [
  'Built-in scenarios:',
  ...alignColumns(builtInScenarios.map(({ name, about }) => [{ text: `  ${name}` }, { text: about }])),
].join('\n');

async function rehearseFile(file: string, flags: RehearseFlags, context: Context): Promise<ScenarioResult[]> {
  const checked = readAnySpecFile(file);
  if (checked.waves !== null)
    throw new UsageError(
      `Cannot rehearse ${file}: it describes waves; rehearse the spec of one endpoint instead.`,
    );
  const { spec, json } = checked;
  const plan = compilePlan(spec, { workflowId: workflowIdOf(spec.endpoint), runId: 'rehearsal' });
  const account =
    flags.fromAws === true ? await context.readAccount(plan, context.now()) : defaultAccountFor(plan);
  const chosen = namesOf(flags).map((name) => chooseScenario(name, plan, account));
  // The SDK's advice to upgrade Node would interrupt the output.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // The simulation is large, so other commands start faster without it.
  const { rehearse } = await import('../../rehearsal/run/rehearse.js');
  const sandbox = await context.loadWorkflowSandbox();
  const results: ScenarioResult[] = [];
  for (const [i, scenario] of chosen.entries()) {
    if ('reason' in scenario) {
      results.push(scenario);
      continue;
    }
    if (context.stderr.isTTY === true && chosen.length > 1)
      printStatus(context, `◌ ${scenario.name} (${i + 1} of ${chosen.length})`);
    results.push(await rehearse({ spec, json, scenario, account, simulation: { sandbox } }));
  }
  return results;
}

function namesOf({ scenario = [], all }: RehearseFlags): string[] {
  const builtIn = all === true ? builtInScenarios.map(({ name }) => name) : [];
  const names = [...new Set([...builtIn, ...scenario])];
  return names.length === 0 ? ['healthy'] : names;
}

function chooseScenario(name: string, plan: Plan, account: RehearsedAccount): Scenario | NotRehearsed {
  if (scenarioFile.test(name)) return readScenario(readTextFile(name), name, plan);
  if (!isBuiltIn(name))
    throw new UsageError(
      `There is no scenario ${name}; expected the name of a scenario file (.yaml), or one of ${builtInScenarios
        .map((each) => each.name)
        .join(', ')}.`,
    );
  const built = buildScenario(name, { plan, account });
  return 'reason' in built ? { kind: 'notRehearsed', scenario: name, ...built } : built;
}

function printResults(results: ScenarioResult[], flags: RehearseFlags, context: Context): void {
  const columns = context.stdout.columns ?? defaultColumns;
  const [only] = results;
  if (flags.json) printJson(context, results);
  else if (results.length === 1 && only?.kind === 'rehearsed') print(context, renderRehearsal(only, columns));
  else print(context, renderRehearsals(results, columns));
}
