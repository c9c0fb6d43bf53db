/** `models`: the baseline and the candidate. */
import { z } from 'zod';
import { exactlyOneOf, oneRequiredOf, addIssue, roleArn, sagemakerName, text, ifValid } from './scalars.js';
import { training, type TrainingSpec } from './training.js';

export type ModelSource =
  | { kind: 'model'; name: string }
  | { kind: 'package'; arn: string; role: string }
  | { kind: 'train'; train: TrainingSpec };

const sources = ['train', 'model', 'package'] as const;

const source = z
  .strictObject({
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
      .describe('Role that SageMaker assumes to serve the package. Needed with package only.'),
  })
  .superRefine(...exactlyOneOf(sources))
  .superRefine((model, ctx) => {
    if (model.package !== undefined && model.role === undefined)
      addIssue(ctx, ['role'], 'a package needs a role to be served under', 'a role ARN');
    if (model.package === undefined && model.role !== undefined)
      addIssue(
        ctx,
        ['role'],
        'role is only allowed with package; a training job has its own role',
        'no role',
      );
  }, ifValid)
  .meta(oneRequiredOf(sources))
  .transform((model): ModelSource => {
    if (model.train) return { kind: 'train', train: model.train };
    if (model.model !== undefined) return { kind: 'model', name: model.model };
    return { kind: 'package', arn: model.package ?? '', role: model.role ?? '' };
  });

const baseline = z
  .union([z.literal('live'), source], 'live, or an object with train, model or package')
  .transform((model) => (model === 'live' ? { kind: 'live' as const } : model));

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
    candidate: source.describe('The new model.'),
    register: registration.optional().describe('Add each trained model to the model registry.'),
  })
  .superRefine(({ baseline, candidate, register }, ctx) => {
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
