/** The output of `penstock plan --from-aws`. */
import type {
  ConfigDifferences,
  MemberChange,
  MemberDifferences,
  VariantDifferences,
} from '../../activities/endpoint/config-differences.js';
import type { VariantScaling } from '../../activities/interface/scaling.js';
import type { ResourceTags } from '../../activities/interface/tags.js';
import { networkText } from '../../activities/preflight/check-models.js';
import { alignColumns } from '../view/table.js';
import type { Preview, PreviewedModel, PreviewedStage } from './preview.js';

type Row = [label: string, text: string];

export function renderPreview(preview: Preview): string[] {
  const { live, stages, refusals, warnings } = preview;
  return [
    '',
    titleOf(preview),
    ...indent([
      ...(preview.caller === null ? [] : [['read by', preview.caller] as Row]),
      ...(live === null ? [] : liveRows(live)),
    ]),
    '',
    'Models',
    ...indent(modelRows(preview)),
    ...stages.flatMap((stage) => ['', ...renderStage(stage, preview)]),
    ...(stages.length === 0 ? ['', 'No config can be shown before the refusals are resolved.'] : []),
    '',
    ...(refusals.length === 0
      ? ['The preflight would refuse nothing.']
      : ['The preflight would refuse this rollout:', ...refusals.map(item)]),
    ...(warnings.length === 0 ? [] : ['', 'The preflight would warn:', ...warnings.map(item)]),
    '',
    'Names end differently in a rollout: each one has its own key. The permissions and the environment of the worker are not',
    'checked here.',
  ];
}

function titleOf({ endpoint, account, live }: Preview): string {
  const where = account === null ? '' : ` in account ${account.account}, region ${account.region}`;
  return live === null
    ? `Endpoint ${endpoint}${where}: no live config to begin with`
    : `Endpoint ${endpoint}${where}, as it is now`;
}

function liveRows({
  configName,
  madeBy,
  variantName,
  modelName,
  instanceType,
  count,
  scaling,
  tags,
}: NonNullable<Preview['live']>): Row[] {
  return [
    ['config', `${configName}${madeBy === null ? '' : `, made by rollout ${madeBy}`}`],
    ['variant', `${variantName}: model ${modelName}, ${count} × ${instanceType}`],
    ['scaling', scaling === null ? 'none' : scalingText(scaling)],
    ...(['endpoint', 'config', 'model'] as const).map((object): Row => [
      `tags of the ${object}`,
      tagsText(tags[object]),
    ]),
  ];
}

function modelRows({ models }: Preview): Row[] {
  return (['baseline', 'candidate'] as const).map((role) => [role, modelText(models[role])]);
}

function modelText(model: PreviewedModel | null): string {
  if (model === null) return 'none';
  const { name, isMade, version, network } = model;
  const reach = network === null ? 'could not be read' : networkText(network);
  const origin = version === null ? '' : ` from ${version}`;
  return `${name}${isMade ? `, made by the rollout${origin}` : ''}: ${reach}`;
}

const arrangementTexts: Record<PreviewedStage['arrangement'], string> = {
  sideBySide: 'while both models serve',
  shadow: 'while the candidate is a shadow',
  candidateOnly: 'when the candidate serves alone',
};

function renderStage(stage: PreviewedStage, { live }: Preview): string[] {
  const { arrangement, endpoint, config, differences, tags, scaling } = stage;
  const when = arrangementTexts[arrangement];
  if (differences === null)
    return [
      `Endpoint ${endpoint} ${when}: stays on config ${config}`,
      ...indent(
        Object.entries(scaling ?? {}).map(([variant, of]): Row => [
          'scaling',
          `${variant}: ${scalingText(of)}`,
        ]),
      ),
    ];
  return [
    `Config ${config} of endpoint ${endpoint}, ${when}${live === null ? '' : `; against ${live.configName}`}`,
    ...indent([...memberRows(differences), ['tags', tagsText(tags)]]),
    ...differences.variants.flatMap((variant) => renderVariant(variant, scaling?.[variant.name] ?? null)),
    ...removedText(differences),
  ];
}

function renderVariant(variant: VariantDifferences, scaling: VariantScaling | null): string[] {
  const { name, comparedWith, isShadow } = variant;
  const kind = isShadow ? 'shadow variant' : 'variant';
  const origin =
    comparedWith === null ? 'new' : comparedWith === name ? 'the live one' : `a copy of ${comparedWith}`;
  return [
    `  ${kind} ${name}, ${origin}`,
    ...indent(
      [...memberRows(variant), ...(scaling === null ? [] : [['scaling', scalingText(scaling)] as Row])],
      4,
    ),
  ];
}

function removedText({ removedVariants }: ConfigDifferences): string[] {
  return removedVariants.map((name) => `  variant ${name} is removed`);
}

function memberRows({ kept, changed, added, omitted }: MemberDifferences): Row[] {
  return [
    ...(kept.length === 0 ? [] : [['kept', kept.join(', ')] as Row]),
    ...changed.map(({ member, before, after }): Row => [
      'changed',
      `${member}: ${valueText(before)} -> ${valueText(after)}`,
    ]),
    ...added.map(({ member, after }): Row => ['added', `${member}: ${valueText(after)}`]),
    ...omitted.map((change): Row => ['omitted', omittedText(change)]),
  ];
}

function omittedText({ member, before, reason }: MemberChange): string {
  return `${member}: ${valueText(before)}${reason === undefined ? '' : ` (${reason})`}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function scalingText({
  minCapacity,
  maxCapacity,
  policies,
  scheduledActions,
  suspended,
}: VariantScaling): string {
  const { DynamicScalingInSuspended, DynamicScalingOutSuspended, ScheduledScalingSuspended } = suspended;
  const stopped = [
    ...(DynamicScalingInSuspended ? ['scaling in'] : []),
    ...(DynamicScalingOutSuspended ? ['scaling out'] : []),
    ...(ScheduledScalingSuspended ? ['schedules'] : []),
  ];
  return [
    `${minCapacity} to ${maxCapacity} instances`,
    ...policies.map(({ PolicyName }) => `policy ${PolicyName ?? ''}`),
    ...scheduledActions.map(({ ScheduledActionName }) => `schedule ${ScheduledActionName ?? ''}`),
    ...(stopped.length === 0 ? [] : [`suspended: ${stopped.join(', ')}`]),
  ].join('; ');
}

function tagsText(tags: ResourceTags): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? 'none' : pairs.toSorted().join(', ');
}

function indent(rows: Row[], spaces = 2): string[] {
  return alignColumns(rows.map(([label, text]) => [{ text: ' '.repeat(spaces) + label }, { text }]));
}

function item(text: string): string {
  return `  - ${text}`;
}
