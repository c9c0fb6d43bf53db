import { Option, type Command } from 'commander';
import { stringify } from 'yaml';
import { CommandRejected, type RolloutRecord } from '../../client.js';
import type { Plan } from '../../plan/compiled/plan.js';
import {
  reverseSpec,
  reverseStrategies,
  type PreviousModel,
  type ReverseStrategy,
} from '../../plan/reverse/reverse-spec.js';
import type { Context } from '../support/context.js';
import {
  withClient,
  withConnectionFlags,
  withExamples,
  withJsonFlag,
  type ConnectionFlags,
  type JsonFlag,
} from '../support/options.js';
import { print, printJson } from '../support/output.js';

const lineWidth = 110;

export function addReverse(program: Command, context: Context): void {
  const command = program
    .command('reverse')
    .description(
      'print a spec that rolls back to the previous model; does not start anything and needs no worker',
    )
    .argument('<endpoint>', 'name of the endpoint')
    .addOption(
      new Option('--strategy <name>', 'how the traffic moves back')
        .choices(reverseStrategies)
        .default('standard'),
    )
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag & { strategy: ReverseStrategy }) =>
      withClient(context, flags, async (client) => {
        const reverse = readReversePlan(endpoint, await client.record(endpoint));
        const spec = reverseSpec(reverse.plan, reverse.previous, flags.strategy);
        if (flags.json) printJson(context, spec);
        else print(context, [...headerOf(reverse), stringify(spec, { lineWidth }).trimEnd()]);
      }),
    );
  withJsonFlag(command, 'print the spec as one JSON document');
  withConnectionFlags(command);
  withExamples(command, [
    'penstock reverse digits > back.yaml && penstock start back.yaml',
    'penstock reverse digits --strategy canary > back.yaml',
  ]);
}

interface ReversePlan {
  plan: Plan;
  previous: PreviousModel;
  serving: string;
  endedAt: string;
}

/** Throws CommandRejected if there is no previous model to roll back to. */
function readReversePlan(
  endpoint: string,
  { execution, plan, starting, result }: RolloutRecord,
): ReversePlan {
  const rejected = (reason: string) => new CommandRejected(endpoint.toLowerCase(), 'reverse', reason);
  if (execution === 'running') {
    throw rejected(
      `its rollout is running; roll back with \`penstock abort ${endpoint}\`, or in the rollback window with \`penstock undo ${endpoint}\``,
    );
  }
  if (result?.outcome !== 'promoted') {
    throw rejected(`its last rollout promoted nothing: it ended ${result?.outcome ?? 'abnormally'}`);
  }
  const previous = plan && previousModelOf(plan, starting);
  if (!previous) throw rejected('the history of its last rollout names no previous model');
  return { plan, previous, serving: result.serving ?? 'the current model', endedAt: result.endedAt };
}

/** If the rollout itself deployed the baseline, the plan has its model. */
function previousModelOf({ models }: Plan, starting: RolloutRecord['starting']): PreviousModel | null {
  if (starting?.kind === 'live') {
    const { modelName, instanceType: type, count } = starting;
    return { modelName, instances: { type, count } };
  }
  const { baseline } = models;
  return 'modelName' in baseline ? { modelName: baseline.modelName, instances: null } : null;
}

function headerOf({ plan, previous, serving, endedAt }: ReversePlan): string[] {
  return [
    `# Rolls endpoint ${plan.endpoint} back from ${serving} to ${previous.modelName}, the previous model.`,
    `# Written by penstock reverse from rollout ${plan.rolloutId}, promoted ${endedAt}, with its guardrails;`,
    '# without its gates and freezes, which would delay the rollback. Read it before you start it.',
  ];
}
