/** `serve.variantNames`: how the candidate's variant is named. */
import { z } from 'zod';
import type { VariantNaming } from '../../compiled/model-plan.js';
import { isSameName } from '../../compiled/variant-names.js';
import { addIssue, ifValid, sagemakerName } from './scalars.js';

const namings = ['stable', 'perRollout'] as const;
const pair = z
  .tuple([sagemakerName, sagemakerName], 'two different variant names such as [blue, green]')
  .superRefine(([first, second], ctx) => {
    if (isSameName(first, second))
      addIssue(ctx, [1], `${first} and ${second} are the same name`, 'two different variant names');
  }, ifValid);

export const variantNames = z
  .union(
    [z.enum(namings), z.strictObject({ alternate: pair.describe('The two names, such as [blue, green].') })],
    `${namings.join(', ')}, or alternate with two names`,
  )
  .transform((given): VariantNaming =>
    typeof given === 'string' ? { kind: given } : { kind: 'alternate', names: given.alternate },
  );
