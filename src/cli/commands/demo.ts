/** `penstock demo`: one rollout that is promoted and one that is rolled back, with everything they need. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Context, RolloutOperations } from '../support/context.js';
import { startDemoEnvironment, type DemoEnvironment } from '../demo/stage.js';
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

const acts = [
  { file: 'digits.yaml', title: 'A -> B, a better model', expected: 'promoted' },
  { file: 'digits-overflow.yaml', title: 'B -> C, a model that fails under traffic', expected: 'rolledBack' },
] as const;

export function addDemo(program: Command, context: Context): void {
  const command = program
    .command('demo')
    .description(
      'two real rollouts on this machine alone: Temporal, an emulated SageMaker, real small models',
    )
    .action(async ({ json }: JsonFlag) => {
      const stage = await startDemoEnvironment(endpoint, alarm, (line) => printStatus(context, line));
      try {
        await play(stage, json === true, context);
      } finally {
        await stage.close();
      }
    });
  withJsonFlag(command, 'the summary as one JSON document on stdout');
  withExamples(command, ['penstock demo', 'penstock demo --json > summary.json']);
}

async function play(stage: DemoEnvironment, json: boolean, context: Context): Promise<void> {
  const client = await context.connect({
    address: stage.temporal.address,
    namespace: stage.temporal.namespace,
  });
  try {
    printStatus(context, ['', `Temporal Web UI: ${stage.temporal.uiUrl ?? 'see your Temporal'}`]);
    const played: DemoRun[] = [];
    for (const { file, title } of acts) {
      printStatus(context, ['', `── ${title} (examples/${file})`, '']);
      const act = await runDemoRollout(client, file, title, stage, context);
      if (act === null) return;
      played.push(act);
    }
    if (json) printJson(context, played);
    else print(context, ['', ...played.flatMap(summarise)]);
    // A demo that did not end as it should is a failure of the demo.
    if (played.some(({ result }, index) => result.outcome !== acts[index]?.expected)) context.exitCode = 1;
    await waitForCtrlC(stage, context);
  } finally {
    await client.close();
  }
}

/** Null where it was interrupted. */
async function runDemoRollout(
  client: RolloutOperations,
  file: string,
  title: string,
  { users }: DemoEnvironment,
  context: Context,
): Promise<DemoRun | null> {
  const { json } = readSpecFile(fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url)));
  const began = context.now();
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
    seconds: Math.round((context.now() - began) / 1000),
  };
}

function snapshot(tallies: ReadonlyMap<string, UserTally>): Map<string, UserTally> {
  return new Map([...tallies].map(([variant, tally]) => [variant, { ...tally }]));
}

/** On a terminal everything stays up, to look around. */
async function waitForCtrlC({ temporal, env }: DemoEnvironment, context: Context): Promise<void> {
  const workflows = `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`;
  if (context.stderr.isTTY !== true) return;
  printStatus(context, [
    '',
    'Still running, to look around:',
    `  Web UI           ${workflows}/rollout:${endpoint}`,
    `  all rollouts     ${workflows}?query=${encodeURIComponent('WorkflowType="rollout"')}`,
    `  how it ended     TEMPORAL_ADDRESS=${temporal.address} npx penstock status ${endpoint}`,
    `  all of them      TEMPORAL_ADDRESS=${temporal.address} npx penstock list --all`,
    `  the emulator     AWS_ENDPOINT_URL=${env['AWS_ENDPOINT_URL_SAGEMAKER']} (any credentials, region ${env['AWS_REGION']})`,
    '',
    'Ctrl-C ends it.',
  ]);
  await context.waitForInterrupt();
}
