import { z } from 'zod';
import { type Fault, faultKinds, lifeCycleFaultKinds, wrongDataKinds } from '../account/faults.js';
import { countField, instant, nonEmpty } from './scalars.js';

const matched = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], 'text, a number or a flag'),
);

export const faultSchema = z
  .strictObject({
    operation: nonEmpty('the name of an operation, or *'),
    kind: z.enum(faultKinds),
    match: matched.exactOptional(),
    about: nonEmpty('a text that the request must mention').exactOptional(),
    nth: countField('a whole number from 1').exactOptional(),
    every: countField('a whole number from 1').exactOptional(),
    probability: z.number().gt(0, 'above 0, up to 1').max(1, 'above 0, up to 1').exactOptional(),
    count: countField('a whole number from 1').exactOptional(),
    seconds: z.number().min(0, 'seconds from 0').max(3600, 'at most 3600 seconds').exactOptional(),
    data: z.enum(wrongDataKinds).exactOptional(),
    from: instant.exactOptional(),
    to: instant.exactOptional(),
  })
  .superRefine((fault, context) => {
    for (const [path, allowed] of contradictions(fault)) {
      context.addIssue({ code: 'custom', path: [path], message: `must be ${allowed}`, params: { allowed } });
    }
  }) satisfies z.ZodType<Fault>;

/** A fault file, as YAML or JSON. */
export const faultFileSchema = z.strictObject({ faults: z.array(faultSchema) });

function contradictions(fault: Fault): [path: string, allowed: string][] {
  const isWrongData = fault.kind === 'wrongData';
  return [
    ...(isWrongData && fault.data === undefined
      ? [['data', `one of ${wrongDataKinds.join(', ')}`] as const]
      : []),
    ...(!isWrongData && fault.data !== undefined
      ? [['data', 'absent, except with kind wrongData'] as const]
      : []),
    ...(fault.operation === '*' && (lifeCycleFaultKinds as readonly string[]).includes(fault.kind)
      ? [['operation', `the name of one operation, with kind ${fault.kind}`] as const]
      : []),
  ].map(([path, allowed]) => [path, allowed]);
}
