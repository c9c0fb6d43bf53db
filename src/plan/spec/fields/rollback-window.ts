/** `rollbackWindow`: how long the way back stays open after the promotion. */
import { z } from 'zod';
import { duration } from './scalars.js';

export const rollbackWindow = z.union(
  [
    duration.transform((seconds) => ({ seconds, baseline: 'warm' as const })),
    z
      .strictObject({
        for: duration.describe('How long the baseline stays after the promotion.'),
        baseline: z
          .enum(['warm', 'scaledIn'])
          .default('warm')
          .describe(
            'warm: with the instances it had, so that undo is immediate. scaledIn: with one; undo waits for more.',
          ),
      })
      .transform(({ for: seconds, baseline }) => ({ seconds, baseline })),
  ],
  'a duration such as 6d, or {for, baseline}',
);
