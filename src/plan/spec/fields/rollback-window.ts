/** `rollbackWindow`: time after the promotion in which an operator can undo it. */
import { z } from 'zod';
import { duration } from './scalars.js';

export const rollbackWindow = z.union(
  [
    duration.transform((seconds) => ({ seconds, baseline: 'warm' as const })),
    z
      .strictObject({
        for: duration.describe('Time that the baseline stays after the promotion.'),
        baseline: z
          .enum(['warm', 'scaledIn'])
          .default('warm')
          .describe(
            'warm: the baseline keeps its instances, so undo is immediate. scaledIn: it keeps one instance, so undo waits for more.',
          ),
      })
      .transform(({ for: seconds, baseline }) => ({ seconds, baseline })),
  ],
  'a duration such as 6d, or {for, baseline}',
);
