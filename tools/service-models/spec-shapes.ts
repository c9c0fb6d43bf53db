/**
 * The part of SageMaker's model that checks the settings of a spec, from the model that the emulator has. Patterns are converted to
 * JavaScript's form, so that the plan needs no reader of AWS's models.
 */
import { serviceModels, shapeOf, type Shape } from '../../src/emulator/service-model/model.js';
import { compilePattern } from '../../src/emulator/service-model/patterns.js';
import type { AwsShape } from '../../src/plan/spec/members/aws-shapes.js';
import {
  modelSettingsOf,
  trainingSettingsOf,
  variantSettingsOf,
  type SettingsOf,
} from '../../src/plan/spec/members/refused-members.js';

const model = serviceModels.SageMaker;

/** Text of src/plan/spec/members/aws-shapes.json: one line for each shape. */
export function specShapesText(): string {
  const shapes = new Map<string, AwsShape>();
  for (const settings of [variantSettingsOf, modelSettingsOf, trainingSettingsOf])
    collect(shapes, settings, settings.shape, '');
  const lines = [...shapes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, shape]) => `${JSON.stringify(name)}:${JSON.stringify(shape)}`);
  return `{"shapes":{\n${lines.join(',\n')}\n}}\n`;
}

/** Shapes of refused members are left out. */
function collect(shapes: Map<string, AwsShape>, settings: SettingsOf, name: string, path: string): void {
  const shape = shapeOf(model, { shape: name });
  shapes.set(name, convert(shape));
  for (const item of [shape.member, shape.key, shape.value])
    if (item) collect(shapes, settings, item.shape, path);
  for (const [member, { shape: inner }] of Object.entries(shape.members ?? {})) {
    const at = path === '' ? member : `${path}.${member}`;
    if (settings.refused[at] === undefined) collect(shapes, settings, inner, at);
  }
}

function convert(shape: Shape): AwsShape {
  const { type, required, min, max, pattern, enum: values, members } = shape;
  if (type === 'blob' || type === 'timestamp') throw new Error(`JSON has no ${type}`);
  const item = shape.member?.shape ?? shape.value?.shape;
  return {
    type,
    ...(members && {
      members: Object.fromEntries(Object.entries(members).map(([member, { shape: name }]) => [member, name])),
    }),
    ...(required && { required }),
    ...(item !== undefined && { item }),
    ...(shape.key && { key: shape.key.shape }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(pattern !== undefined && { pattern: compilePattern(pattern).source }),
    ...(values && { enum: values }),
  };
}
