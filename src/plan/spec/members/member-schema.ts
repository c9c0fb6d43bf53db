/** Converts a shape of AWS's model to a schema, with the same messages as Penstock's own fields. */
import { z } from 'zod';
import type { AwsMembers } from '../../compiled/aws-members.js';
import { addIssue, text } from '../fields/scalars.js';
import { awsShape, type AwsShape } from './aws-shapes.js';
import type { SettingsOf } from './refused-members.js';

export function memberSchema(settings: SettingsOf): z.ZodType<AwsMembers> {
  return structureSchema(settings, settings.shape, '') as z.ZodType<AwsMembers>;
}

function schemaOf(settings: SettingsOf, name: string, path: string): z.ZodType {
  const shape = awsShape(name);
  switch (shape.type) {
    case 'structure':
      return structureSchema(settings, name, path);
    case 'list':
      return listSchema(shape, schemaOf(settings, shape.item ?? '', path));
    case 'map': {
      const key = textSchema(awsShape(shape.key ?? ''));
      return mapSchema(shape, key, schemaOf(settings, shape.item ?? '', path));
    }
    case 'string':
      return shape.enum ? z.enum(shape.enum) : textSchema(shape);
    case 'boolean':
      return z.boolean();
    case 'integer':
    case 'long':
      return numberSchema(shape, 'a whole number', (allowed) => z.int(allowed));
    case 'float':
    case 'double':
      return numberSchema(shape, 'a number', (allowed) => z.number(allowed));
  }
}

function structureSchema(settings: SettingsOf, name: string, path: string): z.ZodType {
  const { members = {}, required = [] } = awsShape(name);
  const isCompleted = settings.completed.includes(name);
  const fields = Object.entries(members).map(([member, shape]): [string, z.ZodType] => {
    const at = path === '' ? member : `${path}.${member}`;
    const instead = settings.refused[at];
    if (instead !== undefined) return [member, refusedMember(member, instead)];
    const schema = schemaOf(settings, shape, at);
    const given = required.includes(member) && !isCompleted ? schema : schema.optional();
    return [member, given.describe(`As in AWS's ${pageOf(name)}.`)];
  });
  return z.strictObject(Object.fromEntries(fields));
}

/** AWS's API reference has a page of this name. The input of an operation is on the operation's page. */
function pageOf(shape: string): string {
  return `API_${shape.replace(/(Input|Request)$/, '')}`;
}

function refusedMember(member: string, instead: string): z.ZodType {
  return z
    .unknown()
    .superRefine((given, ctx) => {
      if (given !== undefined)
        addIssue(ctx, [], `a rollout cannot take ${member} from the settings`, instead);
    })
    .optional()
    .meta({ not: {}, description: `Instead: ${instead}.` });
}

function listSchema({ min = 0, max = Infinity }: AwsShape, item: z.ZodType): z.ZodType {
  const allowed = `a list of ${rangeOf(min, max)} entries`;
  const list = z.array(item, allowed).min(min, allowed);
  return max === Infinity ? list : list.max(max, allowed);
}

function mapSchema({ max = Infinity }: AwsShape, key: z.ZodString, value: z.ZodType): z.ZodType {
  return z
    .record(key, value)
    .refine((given) => Object.keys(given).length <= max, `an object with at most ${max} names`);
}

function textSchema({ min = 0, max = Infinity, pattern }: AwsShape): z.ZodString {
  const length = min === 0 && max === Infinity ? 'text' : `text of ${rangeOf(min, max)} characters`;
  const allowed =
    pattern === undefined ? length : `${length} that matches ${pattern.replace(/^\^\(\?:|\)\$$/g, '')}`;
  const schema = (pattern === undefined ? z.string(allowed) : text(allowed, new RegExp(pattern, 'u'))).min(
    min,
    allowed,
  );
  return max === Infinity ? schema : schema.max(max, allowed);
}

function numberSchema(
  { min = -Infinity, max = Infinity }: AwsShape,
  what: string,
  create: (allowed: string) => z.ZodNumber,
): z.ZodType {
  const allowed = min === -Infinity && max === Infinity ? what : `${what} ${boundsOf(min, max)}`;
  let schema = create(allowed);
  if (min !== -Infinity) schema = schema.min(min, allowed);
  if (max !== Infinity) schema = schema.max(max, allowed);
  return schema;
}

function boundsOf(min: number, max: number): string {
  if (max === Infinity) return `of at least ${min}`;
  return min === -Infinity ? `of at most ${max}` : `from ${min} to ${max}`;
}

function rangeOf(min: number, max: number): string {
  if (max === Infinity) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
