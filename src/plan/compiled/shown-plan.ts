import { hideEnvironments, type AwsMembers } from './aws-members.js';
import type { ModelPlan } from './model-plan.js';
import type { Plan } from './plan.js';

/** A plan as people get it: without the values of environment variables, which can be secrets. */
export function shownPlan<P extends Pick<Plan, 'models'>>(plan: P): P {
  const { baseline, candidate } = plan.models;
  return { ...plan, models: { baseline: shownModel(baseline), candidate: shownModel(candidate) } };
}

function shownModel(model: ModelPlan): ModelPlan {
  switch (model.kind) {
    case 'none':
    case 'live':
    case 'model':
      return model;
    case 'package':
    case 'group':
      return withHiddenSettings(model);
    case 'train':
      return withHiddenSettings({ ...model, training: withHiddenSettings(model.training) });
  }
}

function withHiddenSettings<T extends { settings?: AwsMembers }>(thing: T): T {
  return thing.settings === undefined ? thing : { ...thing, settings: hideEnvironments(thing.settings) };
}
