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
      'the spec of a rollout back to the model that served before; starts nothing, needs no worker',
    )
    .argument('<endpoint>', "the endpoint's name")
    .addOption(
      new Option('--strategy <name>', 'how the traffic moves back')
        .choices(reverseStrategies)
        .default('standard'),
    )
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag & { strategy: ReverseStrategy }) =>
      withClient(context, flags, async (client) => {
        const way = readReversePlan(endpoint, await client.record(endpoint));
        const spec = reverseSpec(way.plan, way.former, flags.strategy);
        if (flags.json) printJson(context, spec);
        else print(context, [...headerOf(way), stringify(spec, { lineWidth }).trimEnd()]);
      }),
    );
  withJsonFlag(command, 'the spec as one JSON document on stdout');
  withConnectionFlags(command);
  withExamples(command, [
    'penstock reverse digits > back.yaml && penstock start back.yaml',
    'penstock reverse digits --strategy canary > back.yaml',
  ]);
}

interface ReversePlan {
  plan: Plan;
  former: PreviousModel;
  serving: string;
  endedAt: string;
}

/** Throws CommandRejected where there is no way back to write down. */
function readReversePlan(
  endpoint: string,
  { execution, plan, starting, result }: RolloutRecord,
): ReversePlan {
  const refuse = (reason: string) => new CommandRejected(endpoint.toLowerCase(), 'reverse', reason);
  if (execution === 'running') {
    throw refuse(
      `its rollout still runs; \`penstock abort ${endpoint}\` takes it back, in its rollback window \`penstock undo ${endpoint}\` too`,
    );
  }
  if (result?.outcome !== 'promoted') {
    throw refuse(
      `its last rollout promoted nothing: it ${result ? `ended ${result.outcome}` : 'was cut short'}`,
    );
  }
  const former = plan && formerOf(plan, starting);
  if (!former) throw refuse('no model served before its last rollout, as far as its history says');
  return { plan, former, serving: result.serving ?? 'what serves now', endedAt: result.endedAt };
}

/** A baseline that the rollout itself brought up ran on what the plan says. */
function formerOf({ models }: Plan, starting: RolloutRecord['starting']): PreviousModel | null {
  if (starting?.kind === 'live') {
    const { modelName, instanceType: type, count } = starting;
    return { modelName, instances: { type, count } };
  }
  const { baseline } = models;
  return 'modelName' in baseline ? { modelName: baseline.modelName, instances: null } : null;
}

function headerOf({ plan, former, serving, endedAt }: ReversePlan): string[] {
  return [
    `# Back from ${serving} to ${former.modelName}, which served endpoint ${plan.endpoint} before.`,
    `# Written by penstock reverse from rollout ${plan.rolloutId}, promoted ${endedAt}, with its guardrails;`,
    '# without its gates and freezes, which would make the way back wait. Read it before you start it.',
  ];
}
