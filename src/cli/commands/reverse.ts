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
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { Context, RolloutOperations } from '../support/context.js';
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
      'print a spec that rolls back the last promotion; does not start anything and needs no worker',
    )
    .argument('<endpoint>', 'name of the endpoint')
    .addOption(
      new Option('--strategy <name>', 'how the traffic moves back')
        .choices(reverseStrategies)
        .default('standard'),
    )
    .action(async (endpoint: string, flags: ConnectionFlags & JsonFlag & { strategy: ReverseStrategy }) =>
      withClient(context, flags, async (client) => {
        const reverse = readReversePlan(endpoint, await lastPromotion(client, endpoint));
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

/** `since`: the latest rollout if it is another one, which promoted nothing. */
interface Promotion {
  record: RolloutRecord;
  since: RolloutRecord | null;
}

interface ReversePlan {
  plan: Plan;
  previous: PreviousModel;
  serving: string;
  endedAt: string;
  since: Promotion['since'];
}

/** Throws CommandRejected if a rollout is running, or if nothing is promoted. */
async function lastPromotion(client: RolloutOperations, endpoint: string): Promise<Promotion> {
  const latest = await client.record(endpoint);
  if (latest.execution === 'running') {
    throw rejected(
      endpoint,
      `its rollout is running; roll back with \`penstock abort ${endpoint}\`, or in the rollback window with \`penstock undo ${endpoint}\``,
    );
  }
  if (latest.result?.outcome === 'promoted') return { record: latest, since: null };
  const record = await client.recordOfPromotion(endpoint);
  if (record === null)
    throw rejected(
      endpoint,
      `Temporal has no promoted rollout of it: the last one ended ${latest.result?.outcome ?? 'abnormally'}; ` +
        `to change the model, start a rollout with your own spec`,
    );
  return { record, since: latest };
}

/** Throws CommandRejected if there is no previous model to roll back to. */
function readReversePlan(endpoint: string, { record, since }: Promotion): ReversePlan {
  const { plan, starting, result } = record;
  const previous = plan && previousModelOf(plan, starting);
  if (!previous || !result)
    throw rejected(endpoint, 'the history of its last promoted rollout names no previous model');
  const { serving, endedAt } = result;
  return { plan, previous, serving: serving ?? 'the current model', endedAt, since };
}

function rejected(endpoint: string, reason: string): CommandRejected {
  return new CommandRejected(endpoint, 'reverse', reason);
}

/** If the rollout itself deployed the baseline, the plan has its model. */
function previousModelOf(plan: Plan, starting: RolloutRecord['starting']): PreviousModel | null {
  if (starting?.kind === 'live') {
    const { modelName, instanceType: type, count, variantName, others } = starting;
    const replaces = others === undefined ? null : variantNamesOf(plan, variantName).candidate;
    return { modelName, instances: { type, count }, replaces };
  }
  const { baseline } = plan.models;
  return 'modelName' in baseline ? { modelName: baseline.modelName, instances: null, replaces: null } : null;
}

function headerOf({ plan, previous, serving, endedAt, since }: ReversePlan): string[] {
  return [
    `# Rolls endpoint ${plan.endpoint} back from ${serving} to ${previous.modelName}, the previous model.`,
    `# Written by penstock reverse from rollout ${plan.rolloutId}, promoted ${endedAt}, with its guardrails;`,
    '# without its gates and freezes, which would delay the rollback. Read it before you start it.',
    ...(since ? [describeSince(since)] : []),
  ];
}

/** After an abnormal end or a failed rollback, the serving model is unknown. */
function describeSince({ result }: RolloutRecord): string {
  const known = result !== null && result.outcome !== 'rollbackFailed';
  return known
    ? `# A later rollout, which ended ${result.endedAt}, promoted nothing: ${result.outcome}.`
    : '# A later rollout left the endpoint in an unknown state. Check its model and its weights first.';
}
