/** What a rollout in waves has instead of `endpoint`: which endpoints, in which order, and what a failure means. */
import { z } from 'zod';
import { onFailures, type Wave } from './waves.js';
import { countSchema, duration, addIssue, sagemakerName, text, ifValid } from '../spec/fields/scalars.js';

const maxWaves = 20;
/** Each has a workflow of its own, started with the whole spec: histories have an end. */
const maxEndpoints = 50;

export const lowerCaseName = sagemakerName.transform((name) => name.toLowerCase());

const endpoints = z
  .array(lowerCaseName)
  .min(1)
  .describe('Endpoints that are released side by side. Upper and lower case are the same.');

const wave = z.union(
  [
    endpoints.transform((names): Wave => ({ endpoints: names, taskQueue: null })),
    z
      .strictObject({
        endpoints,
        taskQueue: text('the name of a task queue', /^\S{1,200}$/)
          .optional()
          .describe('Of the workers with access to these endpoints, in another region or account.'),
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
    const again = names.filter((name, i) => names.indexOf(name) < i);
    for (const name of new Set(again))
      addIssue(
        ctx,
        [list.findLastIndex((wave) => wave.endpoints.includes(name))],
        `the endpoint ${name} comes twice; upper and lower case are the same`,
        'each endpoint once, over all waves',
      );
  }, ifValid);

export const pauseBetween = duration;
export const stopAfter = countSchema(maxEndpoints);
export const onFailure = z.enum(onFailures);
