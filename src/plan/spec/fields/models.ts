/** `models`: the baseline and the candidate. */
import { z } from 'zod';
import { exactlyOneOf, oneRequiredOf, addIssue, roleArn, sagemakerName, text, ifValid } from './scalars.js';
import type { AwsMembers } from '../../compiled/aws-members.js';
import { modelSettings } from '../members/model-settings.js';
import { training, type TrainingSpec } from './training.js';
import { writeBack, type WriteBackSpec } from './write-back.js';

export type ModelSource =
  | { kind: 'model'; name: string }
  | { kind: 'package'; arn: string; role: string; settings?: AwsMembers }
  | { kind: 'train'; train: TrainingSpec; settings?: AwsMembers };

/** `group`: the rollout chooses a version of the model package group when it starts. */
export type CandidateSource =
  ModelSource | { kind: 'group'; group: string; role: string; settings?: AwsMembers };

const sourceFields = {
  train: training.optional().describe('Train the model first.'),
  model: sagemakerName.optional().describe('An existing SageMaker model, by name.'),
  package: text(
    'the ARN of a model package version',
    /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[\w-]+(\/\d+)?$/,
  )
    .optional()
    .describe('An approved model package version, by ARN.'),
  role: roleArn
    .optional()
    .describe('Role that SageMaker assumes to serve the package. Needed with package and group only.'),
  settings: modelSettings
    .optional()
    .describe(
      'Members of CreateModel for which there is no field, as AWS writes them. Not with model, which exists already.',
    ),
};

const groupFields = {
  group: sagemakerName
    .optional()
    .describe(
      'A model package group of this account, by name; needs approved. The version is chosen once, at the start.',
    ),
  approved: z.enum(['newest']).optional().describe('newest: the approved version that was created last.'),
};

const sources = ['train', 'model', 'package'] as const;
const candidateSources = [...sources, 'group'] as const;

interface GivenSource {
  train?: TrainingSpec | undefined;
  model?: string | undefined;
  package?: string | undefined;
  group?: string | undefined;
  approved?: 'newest' | undefined;
  role?: string | undefined;
  settings?: AwsMembers | undefined;
}

function checkSource(model: GivenSource, ctx: z.RefinementCtx): void {
  const kind = model.group === undefined ? 'package' : 'group';
  const isVersion = model[kind] !== undefined;
  if (isVersion && model.role === undefined)
    addIssue(ctx, ['role'], `a ${kind} needs a role to be served under`, 'a role ARN');
  if (!isVersion && model.role !== undefined)
    addIssue(
      ctx,
      ['role'],
      'role is only allowed with package or group; a training job has its own role',
      'no role',
    );
  if (model.model !== undefined && model.settings !== undefined)
    addIssue(ctx, ['settings'], 'an existing model keeps its own settings', 'no settings, or no model');
  if (model.group !== undefined && model.approved === undefined)
    addIssue(ctx, ['approved'], 'a group needs the rule that chooses its version', 'newest');
  if (model.group === undefined && model.approved !== undefined)
    addIssue(ctx, ['approved'], 'approved is only allowed with group', 'no approved');
}

function sourceOf(model: GivenSource): ModelSource {
  const settings = model.settings && { settings: model.settings };
  if (model.train) return { kind: 'train', train: model.train, ...settings };
  if (model.model !== undefined) return { kind: 'model', name: model.model };
  return { kind: 'package', arn: model.package ?? '', role: model.role ?? '', ...settings };
}

const candidate = z
  .strictObject({ ...sourceFields, ...groupFields })
  .superRefine(...exactlyOneOf(candidateSources))
  .superRefine(checkSource, ifValid)
  .meta(oneRequiredOf(candidateSources))
  .transform((model): CandidateSource =>
    model.group === undefined
      ? sourceOf(model)
      : {
          kind: 'group',
          group: model.group,
          role: model.role ?? '',
          ...(model.settings && { settings: model.settings }),
        },
  );

/** `live`: the endpoint's only variant. With `variant`, the others keep their share. */
export type BaselineSource = ModelSource | { kind: 'live'; variant?: string } | { kind: 'none' };

const baselineSources = [...sources, 'variant'] as const;

const givenBaseline = z
  .strictObject({
    ...sourceFields,
    variant: sagemakerName
      .optional()
      .describe(
        'The variant to replace, on an endpoint with several. The others keep their models, weights and instances.',
      ),
  })
  .superRefine(...exactlyOneOf(baselineSources))
  .superRefine(checkSource, ifValid)
  .meta(oneRequiredOf(baselineSources))
  .transform((model): BaselineSource =>
    model.variant === undefined ? sourceOf(model) : { kind: 'live', variant: model.variant },
  );

const baseline = z
  .union([z.literal('live'), givenBaseline], 'live, or an object with train, model, package or variant')
  .transform((model): BaselineSource => (model === 'live' ? { kind: 'live' } : model));

const registration = z.strictObject({
  group: sagemakerName.describe('Model package group. It is created if it does not exist.'),
  approval: z
    .enum(['automatic', 'manual'])
    .default('automatic')
    .describe('manual: the rollout waits until a person approves the version in the registry.'),
});

const isTrained = (model: { kind: string }) => model.kind === 'train';

export const models = z
  .strictObject({
    baseline: baseline
      .optional()
      .transform((given) => given ?? { kind: 'none' as const })
      .describe(
        'The model that serves now (live), or another model to start from. Omit it if no model serves yet.',
      ),
    candidate: candidate.describe('The new model.'),
    register: registration.optional().describe('Add each trained model to the model registry.'),
    writeBack: writeBack
      .optional()
      .describe("What the rollout records on the candidate's version in the model registry. Default: marks."),
  })
  .superRefine(({ baseline, candidate, register, writeBack }, ctx) => {
    checkWriteBack(candidate, register !== undefined, writeBack, ctx);
    if (baseline.kind === 'model' && candidate.kind === 'model' && baseline.name === candidate.name)
      addIssue(
        ctx,
        ['candidate', 'model'],
        'both models are the same',
        `a model other than ${baseline.name}`,
      );
    if (baseline.kind === 'package' && candidate.kind === 'package' && baseline.arn === candidate.arn)
      addIssue(
        ctx,
        ['candidate', 'package'],
        'both models are the same',
        `a package other than ${baseline.arn}`,
      );
    if (register && !isTrained(baseline) && !isTrained(candidate))
      addIssue(
        ctx,
        ['register'],
        'only a model that this rollout trains can be registered',
        'no register, or a train',
      );
  });

/** A version that was rolled back and has no mark would be chosen again. */
function checkWriteBack(
  candidate: CandidateSource,
  isRegistered: boolean,
  writeBack: WriteBackSpec | undefined,
  ctx: z.RefinementCtx,
): void {
  if (writeBack === undefined) return;
  if (candidate.kind === 'model' || (candidate.kind === 'train' && !isRegistered))
    addIssue(
      ctx,
      ['writeBack'],
      'the candidate is no version of a model package group',
      'no writeBack, or a candidate with group or package, or register',
    );
  else if (candidate.kind === 'group' && writeBack === 'none')
    addIssue(
      ctx,
      ['writeBack'],
      'approved: newest would choose a version again that was rolled back, because it has no mark',
      'no writeBack, or a candidate with package',
    );
}
