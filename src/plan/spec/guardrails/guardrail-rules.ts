/** Valid combinations of the fields of a guardrail. */
import type { z } from 'zod';
import { builtInMetrics, rateMetrics, type Bound, type GuardrailFields } from './guardrail-fields.js';
import { countsRequests } from './metric-source.js';
import { addIssue } from '../fields/scalars.js';

type GuardrailContext = z.RefinementCtx;
type Field = keyof GuardrailFields;

export function checkGuardrail(given: GuardrailFields, ctx: GuardrailContext): void {
  if (given.alarm === undefined)
    rejectFields(given, ctx, ['for'], 'a metric is always that of the candidate', 'alarm with for');
  if (given.alarm !== undefined) checkAlarm(given, ctx);
  else if (rateMetrics.some((name) => name === given.metric)) checkRate(given, ctx);
  else if (given.metric === 'latency' && given.slowerThan !== undefined) checkSlow(given, ctx);
  else if (given.metric !== undefined) {
    const why = `a comparison with the baseline needs one of ${rateMetrics.join(', ')}, or latency with slowerThan`;
    rejectFields(given, ctx, ['notWorseThanBaselineBy'], why, 'below or above');
    if (given.metric === 'latency') checkLatency(given, ctx);
    else checkSource(given, ctx);
  }
  if (given.notWorseThanBaselineBy === undefined)
    rejectFields(
      given,
      ctx,
      ['countedBy', 'requireProof', 'negligibleRate'],
      'a bound is not a comparison with the baseline',
      'notWorseThanBaselineBy',
    );
  if (given.metric !== undefined) checkRule(given, ctx);
}

/** The rule decides when a bound fails. */
function checkRule(given: GuardrailFields, ctx: GuardrailContext): void {
  if (given.notWorseThanBaselineBy !== undefined) {
    const why = 'a comparison with the baseline is always a test';
    return rejectFields(given, ctx, ['strict', 'failures'], why, 'dispersion');
  }
  const isBuiltInRate = rateMetrics.some((name) => name === given.metric);
  const why = isBuiltInRate
    ? `${given.metric} fails by the evidence of all windows`
    : 'strict already lets one window decide';
  if (isBuiltInRate || given.strict !== undefined)
    rejectFields(given, ctx, ['failures'], why, 'strict: true, to let one window decide');
  const only = 'only a rate of requests, from two sums of CloudWatch, is a test';
  if (!isBuiltInRate && !isTestableSource(given))
    rejectFields(given, ctx, ['strict', 'dispersion'], only, 'failures, such as 1 of 1');
  else if (given.strict !== undefined || given.failures !== undefined)
    rejectFields(
      given,
      ctx,
      ['dispersion'],
      'a count of windows has no dispersion',
      'no strict and failures',
    );
}

/** A percentage of two counts. */
function isTestableSource({ source, below, above }: GuardrailFields): boolean {
  return source !== undefined && (below ?? above)?.unit === 'percent' && countsRequests(source);
}

function checkAlarm(given: GuardrailFields, ctx: GuardrailContext): void {
  // Another rule already rejects alarm together with metric.
  if (given.metric !== undefined) return;
  const others = (Object.keys(given) as Field[]).filter(
    (field) => !['alarm', 'for', 'onFail'].includes(field),
  );
  rejectFields(
    given,
    ctx,
    others,
    'an alarm has its own metric, bound and period',
    'alarm, with or without for and onFail',
  );
}

function checkRate(given: GuardrailFields, ctx: GuardrailContext): void {
  const why = `${given.metric} is built in`;
  rejectFields(
    given,
    ctx,
    ['above', 'source', 'stat', 'slowerThan'],
    why,
    'below, minimumRequests, window, dataDelay, strict, dispersion',
  );
  if (given.notWorseThanBaselineBy !== undefined) checkComparison(given, ctx);
  else requireBound(given, ctx, ['below'], ['percent'], 'a rate such as 1%');
}

/** A comparison uses every window, with any number of requests, because evidence adds up. */
function checkComparison(given: GuardrailFields, ctx: GuardrailContext): void {
  const why = 'notWorseThanBaselineBy compares with the baseline';
  rejectFields(given, ctx, ['below', 'minimumRequests'], why, 'window, dataDelay, dispersion, requireProof');
  if (given.countedBy === 'switch' && given.metric !== 'errorRate')
    addIssue(
      ctx,
      ['countedBy'],
      `the switch does not count ${given.metric}`,
      'errorRate, or countedBy: sagemaker',
    );
  checkProof(given, ctx);
}

function checkProof(given: GuardrailFields, ctx: GuardrailContext): void {
  if (given.requireProof !== true)
    rejectFields(
      given,
      ctx,
      ['negligibleRate'],
      'a negligible rate is only for proof',
      'requireProof: true, or no negligibleRate',
    );
}

/** A percentile has no variance, so the rule compares a count. */
function checkSlow(given: GuardrailFields, ctx: GuardrailContext): void {
  rejectFields(
    given,
    ctx,
    ['above', 'source', 'stat', 'below', 'minimumRequests', 'countedBy'],
    'slowerThan compares a count of requests with the baseline',
    'notWorseThanBaselineBy, window, dataDelay, dispersion, requireProof',
  );
  if (given.notWorseThanBaselineBy === undefined) {
    const allowed = 'a rate such as 20%; or stat and below instead of slowerThan';
    addIssue(ctx, ['notWorseThanBaselineBy'], 'slowerThan needs a comparison with the baseline', allowed);
  } else checkProof(given, ctx);
}

function checkLatency(given: GuardrailFields, ctx: GuardrailContext): void {
  rejectFields(
    given,
    ctx,
    ['above', 'source'],
    'latency is built in',
    'stat, below, minimumRequests, window, dataDelay, failures',
  );
  requireBound(given, ctx, ['below'], ['ms'], 'a latency such as 250ms');
  if (given.stat === undefined)
    addIssue(ctx, ['stat'], 'latency needs a percentile', 'a percentile such as p99');
}

function checkSource(given: GuardrailFields, ctx: GuardrailContext): void {
  if (given.source === undefined) {
    const message = `"${given.metric}" is not a built-in metric and has no source`;
    addIssue(ctx, ['metric'], message, `${builtInMetrics.join(', ')}, or a label of your own with a source`);
    return;
  }
  rejectFields(given, ctx, ['slowerThan'], 'slowerThan is only for metric: latency', 'metric: latency');
  rejectFields(
    given,
    ctx,
    ['stat'],
    'the statistic of a metric with a source is source.stat',
    'source: {stat}',
  );
  requireBound(
    given,
    ctx,
    ['below', 'above'],
    ['percent', 'none'],
    'a number, or a percent of a fraction such as 2%',
  );
}

function rejectFields(
  given: GuardrailFields,
  ctx: GuardrailContext,
  fields: Field[],
  why: string,
  allowed: string,
): void {
  for (const field of fields)
    if (given[field] !== undefined) addIssue(ctx, [field], `${why}: ${field} is not allowed here`, allowed);
}

function requireBound(
  given: GuardrailFields,
  ctx: GuardrailContext,
  directions: ('below' | 'above')[],
  units: Bound['unit'][],
  allowed: string,
): void {
  const bounds = directions.filter((direction) => given[direction] !== undefined);
  if (bounds.length !== 1 && given.notWorseThanBaselineBy === undefined) {
    const needed = directions.join(' or ');
    const why = bounds.length === 0 ? `${given.metric} needs a bound` : 'below and above are both given';
    addIssue(ctx, bounds.length === 0 ? [directions[0] ?? 'below'] : [], why, `${needed}: ${allowed}`);
  }
  for (const direction of bounds)
    if (!units.includes(given[direction]?.unit ?? 'none'))
      addIssue(ctx, [direction], `the bound on ${given.metric} has the wrong unit`, allowed);
}
