/** `penstock demo`: one rollout that is promoted and one that is rolled back, with all servers that they need. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Context, RolloutOperations } from '../support/context.js';
import type { DemoEnvironment } from '../demo/stage.js';
import { candidateOf, growth, summarise, sumOf, type DemoRun } from '../demo/summary.js';
import type { UserTally } from '../demo/users.js';
import { displayOn } from '../follow/displays.js';
import { interruptedBy } from '../support/exit-codes.js';
import { follow } from '../follow/follow.js';
import { withExamples, withJsonFlag, type JsonFlag } from '../support/options.js';
import { print, printJson, printStatus } from '../support/output.js';
import { readSpecFile } from '../support/spec-file.js';

const endpoint = 'digits';
const alarm = 'digits-user-errors';

const rollouts = [
  { file: 'digits.yaml', title: 'A -> B, a better model', expected: 'promoted' },
  { file: 'digits-overflow.yaml', title: 'B -> C, a model that fails under traffic', expected: 'rolledBack' },
] as const;

export function addDemo(program: Command, context: Context): void {
  const command = program
    .command('demo')
    .description(
      'run two rollouts on this machine, with Temporal, an emulated SageMaker and small real models',
    )
    .action(async ({ json }: JsonFlag) => {
      // The emulator loads for a fifth of a second, which no other command should wait for.
      const { startDemoEnvironment } = await import('../demo/stage.js');
      const environment = await startDemoEnvironment(endpoint, alarm, (line) => printStatus(context, line));
      try {
        await runDemo(environment, json === true, context);
      } finally {
        await environment.close();
      }
    });
  withJsonFlag(command, 'the summary as one JSON document on stdout');
  withExamples(command, ['penstock demo', 'penstock demo --json > summary.json']);
}

async function runDemo(environment: DemoEnvironment, json: boolean, context: Context): Promise<void> {
  const client = await context.connect({
    address: environment.temporal.address,
    namespace: environment.temporal.namespace,
  });
  try {
    printStatus(context, [
      '',
      `Temporal Web UI: ${environment.temporal.uiUrl ?? 'the UI of the server that TEMPORAL_ADDRESS names'}`,
    ]);
    const runs: DemoRun[] = [];
    for (const { file, title } of rollouts) {
      printStatus(context, ['', `── ${title} (examples/${file})`, '']);
      const run = await runDemoRollout(client, file, title, environment, context);
      if (run === null) return;
      runs.push(run);
    }
    if (json) printJson(context, runs);
    else print(context, ['', ...runs.flatMap(summarise)]);
    // A rollout without its expected outcome is a failure of the demo.
    if (runs.some(({ result }, index) => result.outcome !== rollouts[index]?.expected)) context.exitCode = 1;
    await waitForCtrlC(environment, context);
  } finally {
    await client.close();
  }
}

/** Null if it was interrupted. */
async function runDemoRollout(
  client: RolloutOperations,
  file: string,
  title: string,
  { users }: DemoEnvironment,
  context: Context,
): Promise<DemoRun | null> {
  const { json } = readSpecFile(fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url)));
  const startedMs = context.now();
  const before = snapshot(users.tallies);
  const started = await client.start(json, { startedBy: 'demo' });
  const ending = await follow(context, client, started, displayOn(context.stderr, context));
  if (ending.kind === 'interrupted') {
    context.exitCode = interruptedBy[ending.by];
    return null;
  }
  const status = await client.get(endpoint);
  const candidateVariant = candidateOf(status);
  const nothing: UserTally = { requests: 0, errors: 0, wrong: 0 };
  return {
    title,
    result: ending.result,
    candidateVariant,
    candidate: growth(
      before.get(candidateVariant) ?? nothing,
      users.tallies.get(candidateVariant) ?? nothing,
    ),
    all: growth(sumOf(before.values()), sumOf(users.tallies.values())),
    historyEvents: status.historyEvents,
    seconds: Math.round((context.now() - startedMs) / 1000),
  };
}

function snapshot(tallies: ReadonlyMap<string, UserTally>): Map<string, UserTally> {
  return new Map([...tallies].map(([variant, tally]) => [variant, { ...tally }]));
}

/** On a terminal, all servers keep running until Ctrl-C. */
async function waitForCtrlC({ temporal, env }: DemoEnvironment, context: Context): Promise<void> {
  const workflows = `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`;
  if (context.stderr.isTTY !== true) return;
  printStatus(context, [
    '',
    'All servers keep running:',
    `  Web UI, rollout  ${workflows}/rollout:${endpoint}`,
    `  Web UI, list     ${workflows}?query=${encodeURIComponent('WorkflowType="rollout"')}`,
    `  status           TEMPORAL_ADDRESS=${temporal.address} npx penstock status ${endpoint}`,
    `  list             TEMPORAL_ADDRESS=${temporal.address} npx penstock list --all`,
    `  emulator         AWS_ENDPOINT_URL=${env['AWS_ENDPOINT_URL_SAGEMAKER']} (any credentials, region ${env['AWS_REGION']})`,
    '',
    'Ctrl-C stops them.',
  ]);
  await context.waitForInterrupt();
}
