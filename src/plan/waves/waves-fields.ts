/** Fields of a rollout in waves instead of `endpoint`: the endpoints, their order, and the reaction to failures. */
import { z } from 'zod';
import { onFailures, type Wave } from './waves.js';
import { countSchema, duration, addIssue, sagemakerName, text, ifValid } from '../spec/fields/scalars.js';

const maxWaves = 20;
/** A rollout adds 6 events to the history of the waves, and about 10 more if it is undone; Temporal warns at 10,240. */
const maxEndpoints = 200;

export const lowerCaseName = sagemakerName.transform((name) => name.toLowerCase());

const endpoints = z
  .array(sagemakerName)
  .min(1)
  .describe('Endpoints whose rollouts run in parallel, in their own case.');

const wave = z.union(
  [
    endpoints.transform((names): Wave => ({ endpoints: names, taskQueue: null })),
    z
      .strictObject({
        endpoints,
        taskQueue: text('the name of a task queue', /^\S{1,200}$/)
          .optional()
          .describe(
            'Task queue of the workers with access to these endpoints, for example in another region or account.',
          ),
      })
      .transform(({ endpoints, taskQueue = null }): Wave => ({ endpoints, taskQueue })),
  ],
  'a list of endpoints, or {endpoints, taskQueue}',
);

export const waves = z
  .array(wave)
  .min(1)
  .max(maxWaves)
  .superRefine((list, ctx) => {
    const names = list.flatMap((wave) => wave.endpoints);
    if (names.length > maxEndpoints)
      addIssue(ctx, [], `${names.length} endpoints are too many`, `at most ${maxEndpoints} in all waves`);
    const isSame = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();
    const repeated = names.filter((name, i) => names.findIndex((other) => isSame(other, name)) < i);
    for (const name of new Set(repeated))
      addIssue(
        ctx,
        [list.findLastIndex((wave) => wave.endpoints.includes(name))],
        `the endpoint ${name} is listed twice; names of endpoints that differ in case only are equal`,
        'each endpoint once, over all waves',
      );
  }, ifValid);

export const pauseBetween = duration;
export const stopAfter = countSchema(maxEndpoints);
export const onFailure = z.enum(onFailures);
