/** Rules that join several fields. Each runs where its own fields are sound, whatever else is wrong. */
import type { z } from 'zod';
import { formatDuration } from '../durations.js';
import { longestWindowSeconds, windowSecondsOf, type Cadence } from '../judging.js';
import type { Spec } from '../spec-schema.js';
import { compileSteps, shortestBakeSeconds } from '../strategies/strategies.js';
import { refuse } from './scalars.js';

type Ctx = z.RefinementCtx;

/** Without a live baseline there is nothing to take the instances from. */
export function checkServe({ models, serve }: Spec, ctx: Ctx): void {
  if (models.baseline.kind === 'live') return;
  const why = 'without a live baseline there are no instances to copy';
  if (serve.instance === undefined)
    refuse(ctx, ['serve', 'instance'], why, 'an instance type such as ml.m5.large');
  if (serve.count === undefined) refuse(ctx, ['serve', 'count'], why, 'a number of instances');
}

/** A bake that holds no whole window would end with nothing judged. */
export function checkWindows({ serve, strategy, guardrails }: Spec, ctx: Ctx): void {
  const cadence: Cadence = {
    metricPeriodSeconds: serve.metricsEvery,
    shortestBakeSeconds: shortestBakeSeconds(compileSteps(strategy)),
  };
  guardrails.forEach((rule, i) => {
    if (rule.kind !== 'alarm') checkWindow(windowSecondsOf(rule, cadence), cadence, ['guardrails', i], ctx);
  });
}

function checkWindow(windowSeconds: number, cadence: Cadence, path: (string | number)[], ctx: Ctx): void {
  const { metricPeriodSeconds, shortestBakeSeconds } = cadence;
  const every = formatDuration(metricPeriodSeconds);
  const bake = formatDuration(shortestBakeSeconds);
  const longest = longestWindowSeconds(cadence);
  if (longest === 0) {
    const message = `no window fits: metrics come every ${every}, and the shortest bake is ${bake}`;
    refuse(ctx, path, message, `bakes of ${every} or more, or a lower serve.metricsEvery`);
  } else if (windowSeconds % metricPeriodSeconds !== 0)
    refuse(ctx, [...path, 'window'], `a window holds whole periods of ${every}`, `a multiple of ${every}`);
  else if (windowSeconds > longest)
    refuse(
      ctx,
      [...path, 'window'],
      `the shortest bake, ${bake}, holds no whole window`,
      `at most ${formatDuration(longest)}`,
    );
}
