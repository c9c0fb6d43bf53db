/** Forecasts of `penstock plan`: when comparisons and goals would decide, and changes that would help. */
import { formatDuration } from '../../plan/units/durations.js';
import type { Suggestions } from '../../analysis/time-to-decision/suggestions.js';
import type { Forecast, Forecasts } from '../forecast/forecasts.js';
import { formatCount } from './numbers.js';
import { alignColumns } from './table.js';

export function renderForecasts({ rules, unknown }: Forecasts): string[] {
  if (rules.length + unknown.length === 0) return [];
  const rows = [['RULE', 'DETECTS', '50 % WITHIN', '90 % WITHIN', 'PLANNED'], ...rules.map(cellsOf)];
  return [
    '',
    'Time to a decision, in watched time from the first request (goals: from the start of the experiment)',
    ...alignColumns(rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })))),
    ...rules.filter(({ maxSeconds }) => maxSeconds === null).map(warningOf),
    ...rules.flatMap(sizingOf),
    ...unknown.map((label) => `⚠ ${label}: unknown variance; pass --relative-std.`),
    ...(rules.some(({ isAssumed }) => isAssumed)
      ? ['Base rates are assumed; pass --base-rate to set them.']
      : []),
  ];
}

function cellsOf(forecast: Forecast): string[] {
  const { label, halfSeconds, maxSeconds, withinSeconds } = forecast;
  return [
    label,
    detectsOf(forecast),
    halfSeconds === null ? '⚠ too late' : formatAbout(halfSeconds),
    maxSeconds === null ? '⚠ too late' : formatAbout(maxSeconds),
    formatDuration(withinSeconds),
  ];
}

/** `20 % worse than 1 %`. */
function detectsOf({ finds, effectPercent, baseRatePercent }: Forecast): string {
  const than = baseRatePercent === null ? 'than before' : `than ${percent(baseRatePercent)}`;
  if (finds === 'worse' || finds === 'better') return `${percent(effectPercent)} ${finds} ${than}`;
  return baseRatePercent === null ? 'no loss' : `no loss at ${percent(baseRatePercent)}`;
}

function warningOf(forecast: Forecast): string {
  const { label, finds, effectPercent, toleratedPercent, withinSeconds, help } = forecast;
  const isTolerated = (finds === 'worse' || finds === 'better') && effectPercent <= toleratedPercent;
  const tolerance = isTolerated ? ` (tolerated up to ${percent(toleratedPercent)})` : '';
  const within = `within the planned ${formatDuration(withinSeconds)}`;
  const options = help === null ? [] : optionsOf(help);
  const advice =
    options.length === 0
      ? 'No single change of share, time, effect or traffic is enough.'
      : `To reach 90 %: ${options.join(' or ')}.`;
  return `⚠ ${label}: less than 90 % of rollouts detect ${detectsOf(forecast)}${tolerance} ${within}. ${advice}`;
}

function sizingOf({ label, sizing, halfSeconds }: Forecast): string[] {
  if (sizing === null) return [];
  const now = halfSeconds === null ? 'not within the plan' : `within ${formatAbout(halfSeconds)}`;
  const then = `within ${formatAbout(sizing.halfSeconds)} rather than ${now}`;
  return [`${label}: with judging.plannedSize: ${sizing.plannedSize}, 50 % of rollouts decide ${then}.`];
}

function optionsOf({ minEffect, share, seconds, requestsPerHour }: Suggestions): string[] {
  return [
    ...(minEffect === null ? [] : [`an effect of ${percent(roundedUp(100 * minEffect))}`]),
    ...(seconds === null ? [] : [`a watched time of ${formatAbout(seconds)}`]),
    ...(share === null ? [] : [`a share of ${percent(Math.round(100 * share))}`]),
    ...(requestsPerHour === null ? [] : [`${formatCount(roundedUp(requestsPerHour))} requests per hour`]),
  ];
}

/** Rounded up to the precision of a forecast: hours above two days, ten minutes above two hours, else minutes. */
function formatAbout(seconds: number): string {
  const unit = seconds >= 172_800 ? 3_600 : seconds >= 7_200 ? 600 : 60;
  return formatDuration(Math.ceil(seconds / unit) * unit);
}

/** Rounded up to two significant digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

function percent(value: number): string {
  return `${Number(value.toPrecision(3))} %`;
}
