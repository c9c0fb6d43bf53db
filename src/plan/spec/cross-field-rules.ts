/** Rules over several fields. A rule runs if the fields that it reads are valid, even if other fields are not. */
import type { z } from 'zod';
import { hasOwnDisks } from '../compiled/own-disks.js';
import { formatDuration } from '../units/durations.js';
import { conversionDelaySecondsOf } from '../compile/compile-goals.js';
import { maxWindowSeconds, windowSecondsOf, type Cadence } from '../compile/window-defaults.js';
import type { Spec } from './fields/shape.js';
import { compileSteps, minBakeSecondsOf } from '../compile/strategies/strategies.js';
import { addIssue } from './fields/scalars.js';

type SpecContext = z.RefinementCtx;

export function specStepsOf({ models, strategy, validate }: Pick<Spec, 'models' | 'strategy' | 'validate'>) {
  return compileSteps(strategy, {
    hasBaseline: models.baseline.kind !== 'none',
    validates: validate !== undefined,
  });
}

/** Without a live baseline, the spec must set the instances. */
export function checkServe({ models, serve }: Spec, ctx: SpecContext): void {
  const { instance, variant } = serve;
  if (instance !== undefined && variant?.['VolumeSizeInGB'] !== undefined && hasOwnDisks(instance))
    addIssue(
      ctx,
      ['serve', 'variant', 'VolumeSizeInGB'],
      `${instance} has disks of its own, of a fixed size`,
      `no VolumeSizeInGB, or another serve.instance`,
    );
  if (models.baseline.kind === 'live') return;
  const why = 'without a live baseline there are no instances to copy';
  if (serve.instance === undefined)
    addIssue(ctx, ['serve', 'instance'], why, 'an instance type such as ml.m5.large');
  if (serve.count === undefined) addIssue(ctx, ['serve', 'count'], why, 'a number of instances');
}

/** A first deployment has no baseline to shift from, to compare with or to roll back to. */
export function checkFirstDeployment(spec: Spec, ctx: SpecContext): void {
  const { models, serve, strategy, guardrails, rollbackWindow } = spec;
  if (strategy.some(({ name }) => name === 'shadow') && serve.topology === 'endpoints')
    addIssue(
      ctx,
      ['serve', 'topology'],
      'SageMaker copies requests between variants of one endpoint only',
      'topology: variants with shadow',
    );
  if (models.baseline.kind !== 'none') return;
  const why = 'there is no baseline: no model serves yet';
  if (strategy.some(({ name }) => name !== 'standard'))
    addIssue(ctx, ['strategy'], why, 'standard, or models.baseline');
  if (serve.topology !== 'variants')
    addIssue(ctx, ['serve', 'topology'], why, 'variants, or models.baseline');
  if (rollbackWindow) addIssue(ctx, ['rollbackWindow'], why, 'no rollbackWindow, or models.baseline');
  guardrails.forEach((rule, i) => {
    if (rule.kind === 'comparison')
      addIssue(ctx, ['guardrails', i, 'notWorseThanBaselineBy'], why, 'below, or models.baseline');
  });
}

/** A bake without a whole window would end without a verdict. */
export function checkWindows(spec: Spec, ctx: SpecContext): void {
  const cadence: Cadence = {
    metricPeriodSeconds: spec.serve.metricsEvery,
    minBakeSeconds: minBakeSecondsOf(specStepsOf(spec)),
  };
  spec.guardrails.forEach((rule, i) => {
    if (rule.kind !== 'alarm') checkWindow(windowSecondsOf(rule, cadence), cadence, ['guardrails', i], ctx);
  });
}

function checkWindow(
  windowSeconds: number,
  cadence: Cadence,
  path: (string | number)[],
  ctx: SpecContext,
): void {
  const { metricPeriodSeconds, minBakeSeconds } = cadence;
  const every = formatDuration(metricPeriodSeconds);
  const bake = formatDuration(minBakeSeconds);
  const maxSeconds = maxWindowSeconds(cadence);
  if (maxSeconds === 0) {
    const message = `no window fits: metrics come every ${every}, and the shortest bake is ${bake}`;
    addIssue(ctx, path, message, `bakes of ${every} or more, or a lower serve.metricsEvery`);
  } else if (windowSeconds % metricPeriodSeconds !== 0)
    addIssue(
      ctx,
      [...path, 'window'],
      `a window must be a whole number of ${every} periods`,
      `a multiple of ${every}`,
    );
  else if (windowSeconds > maxSeconds)
    addIssue(
      ctx,
      [...path, 'window'],
      `the window is longer than the shortest bake, ${bake}`,
      `at most ${formatDuration(maxSeconds)}`,
    );
}

const weekSeconds = 7 * 86_400;

/** Only goals decide experiments, and goals decide only experiments. */
export function checkGoals({ strategy, goals, onInconclusive }: Spec, ctx: SpecContext): void {
  const experiments = strategy.flatMap((entry, i) =>
    entry.name === 'abTest' || entry.name === 'bandit' ? [{ i, ...entry }] : [],
  );
  const pathOf = (i: number) => (strategy.length === 1 ? ['strategy'] : ['strategy', i]);
  if (experiments.length === 0) {
    if (goals.length > 0)
      addIssue(ctx, ['goals'], 'goals are only for abTest and bandit', 'abTest or bandit, or no goals');
    if (onInconclusive.kind === 'promote')
      addIssue(
        ctx,
        ['onInconclusive'],
        'promote is only for experiments; missing data never promotes a candidate',
        'hold, rollBack, or promote with abTest or bandit',
      );
    return;
  }
  if (goals.length === 0)
    addIssue(
      ctx,
      ['goals'],
      `${experiments[0]?.name} needs goals to decide it; there are none`,
      'at least one goal',
    );
  for (const { i, name, settings } of experiments)
    if (name === 'bandit') checkSplitTime(settings.everySeconds, goals, [...pathOf(i), name, 'every'], ctx);
  if (!goals.some((goal) => goal.weekly)) return;
  for (const { i, name, settings } of experiments)
    if (settings.minimumSeconds % weekSeconds !== 0)
      addIssue(
        ctx,
        [...pathOf(i), name, 'for'],
        `with a weekly goal, ${name} must run whole weeks; ${formatDuration(settings.minimumSeconds)} is not a multiple of 7d`,
        'a multiple of 7d, or weekly: false in the goals',
      );
}

/** The first windows of each split are left out, because conversions of the previous split come then. */
function checkSplitTime(
  everySeconds: number,
  goals: Spec['goals'],
  path: (string | number)[],
  ctx: SpecContext,
): void {
  const neededOf = (goal: Spec['goals'][number]) =>
    (Math.ceil(conversionDelaySecondsOf(goal) / goal.window) + 1) * goal.window;
  const [longest] = [...goals].sort((a, b) => neededOf(b) - neededOf(a));
  if (longest === undefined || neededOf(longest) <= everySeconds) return;
  const delay = formatDuration(conversionDelaySecondsOf(longest));
  addIssue(
    ctx,
    path,
    `no window of ${longest.metric} counts before the next change: conversions come up to ${delay} late, and a window is ${formatDuration(longest.window)}`,
    `at least ${formatDuration(neededOf(longest))}, or a shorter conversionDelay or window`,
  );
}

/** A gate is before a step. If no step reached its share, the gate would be skipped. */
export function checkGates(spec: Spec, ctx: SpecContext): void {
  const shares = specStepsOf(spec).flatMap((step) =>
    step.kind === 'setWeights' ? [step.weights.candidate] : [],
  );
  const maxShare = Math.max(...shares);
  spec.gates.forEach(({ before }, i) => {
    if (typeof before === 'object' && before.share > maxShare)
      addIssue(ctx, ['gates', i, 'before'], `no step reaches ${before.share}%`, `at most ${maxShare}%`);
  });
}
