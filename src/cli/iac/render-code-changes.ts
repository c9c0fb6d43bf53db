/** The output of `penstock status --iac`. docs/infrastructure-as-code.md explains it. */
import { alignColumns } from '../view/table.js';
import type { CodeChanges } from './code-changes.js';

export function renderCodeChanges(all: CodeChanges): string[] {
  const { endpoint, rolloutId, promotedAt, changes, owners } = all;
  return [
    `${endpoint}: promoted ${promotedAt} by rollout ${rolloutId}. Code that describes the endpoint has values of before:`,
    ...table([
      ['', 'BEFORE', 'NOW'],
      ...changes.map(({ what, before, after }) => [what, before ?? 'none', after]),
    ]),
    '',
    'Owners',
    ...table(
      owners.map(({ name, owner, note }) => [name, owner === 'code' ? 'your code' : 'Penstock', note]),
    ),
    '',
    ...terraform(all),
    '',
    ...cloudFormation(all),
    ...alarms(all),
    '',
    'docs/infrastructure-as-code.md explains which side owns what.',
  ];
}

function table(rows: string[][]): string[] {
  return alignColumns(rows.map((cells) => cells.map((text, i) => ({ text: i === 0 ? `  ${text}` : text }))));
}

function configOf({ changes }: CodeChanges): string {
  return changes.find(({ what }) => what === 'endpoint config')?.after ?? '';
}

/** A variant that keeps its name keeps its scalable target too. */
function hasOtherTarget({ changes }: CodeChanges): boolean {
  return changes.some(({ what }) => what === 'scalable target');
}

function terraform(all: CodeChanges): string[] {
  const { endpoint, changes } = all;
  const isNew = changes.every(({ before }) => before === null);
  return [
    'Terraform: let the endpoint ignore its config, so that no later apply puts the old one back.',
    ...(isNew ? ['  import {', '    to = aws_sagemaker_endpoint.this', `    id = "${endpoint}"`, '  }'] : []),
    '  resource "aws_sagemaker_endpoint" "this" {',
    `    name                 = "${endpoint}"`,
    isNew
      ? `    endpoint_config_name = "${configOf(all)}"`
      : '    # endpoint_config_name: keep your line and your first config. Terraform reads the line only to create the endpoint.',
    '    lifecycle { ignore_changes = [endpoint_config_name] }',
    '  }',
    ...(hasOtherTarget(all)
      ? [
          'The scalable target in the code no longer exists. Remove it and its policies from the state, without deleting anything:',
          '  removed {',
          '    from = aws_appautoscaling_target.this # and each aws_appautoscaling_policy of it',
          '    lifecycle { destroy = false }',
          '  }',
        ]
      : []),
  ];
}

function cloudFormation(all: CodeChanges): string[] {
  return [
    'CloudFormation and CDK: leave EndpointConfigName as it is while no property of the endpoint changes. Before you change another',
    'property, set the config that serves now, or the update puts the old one back:',
    `  EndpointConfigName: ${configOf(all)} # CDK: new CfnEndpoint(this, ID, { endpointConfigName: '${configOf(all)}' })`,
    '  DeletionPolicy: Retain',
    '  UpdateReplacePolicy: Retain',
    ...(hasOtherTarget(all)
      ? [
          'Give the AWS::ApplicationAutoScaling::ScalableTarget and its policies DeletionPolicy: Retain, deploy, then remove them from the',
          'template: rollouts move the target to the variant that serves.',
        ]
      : []),
  ];
}

/** Dimensions of alarms and dashboards are in the code too. */
function alarms({ changes }: CodeChanges): string[] {
  const variant = changes.find(({ what }) => what === 'variant');
  if (variant === undefined || variant.before === null) return [];
  return [
    '',
    `Alarms and dashboards with the dimension VariantName = ${variant.before} get no more data: use ${variant.after}, leave the`,
    'dimension out, or use serve.variantNames: names that alternate, or one that stays.',
  ];
}
