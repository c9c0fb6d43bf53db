/** `onBlocked`: the reaction to a change that AWS does not carry out, for example because access is denied. */
import { z } from 'zod';
import { duration } from './scalars.js';

const hold = z
  .literal('hold')
  .transform(() => ({ kind: 'hold' as const }))
  .describe('The rollout holds, pages an operator, and repeats the change until AWS carries it out.');

const rollBackAfter = z
  .strictObject({
    rollBack: z
      .strictObject({
        after: duration.describe('Time for which the change is repeated before the rollback.'),
      })
      .describe('Roll back if the change was repeated for this time without success.'),
  })
  .transform(({ rollBack }) => ({ kind: 'rollBack' as const, afterSeconds: rollBack.after }));

export const onBlocked = z.union([hold, rollBackAfter], 'hold or {rollBack: {after}}');
