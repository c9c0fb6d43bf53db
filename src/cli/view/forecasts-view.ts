/** When comparisons and goals would decide, and what would help those that would not. */
import { formatDuration } from '../../plan/units/durations.js';
import type { Suggestions } from '../../analysis/time-to-decision/suggestions.js';
import type { Forecast, Forecasts } from '../forecast/forecasts.js';
import { formatCount } from './numbers.js';
import { alignColumns } from './table.js';

export function renderForecasts({ rules, unknown }: Forecasts): string[] {
  if (rules.length + unknown.length === 0) return [];
  const rows = [['RULE', 'FINDS', 'HALF AFTER', '9 IN 10 AFTER', 'PLANNED'], ...rules.map(cellsOf)];
  return [
    '',
    'Time to a decision, counted while watched: for a goal from its experiment on, else from the first request on',
    ...alignColumns(rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })))),
    ...rules.filter(({ maxSeconds }) => maxSeconds === null).map(warningOf),
    ...unknown.map((label) => `⚠ ${label}: unknown variance; pass --relative-std.`),
    ...(rules.some(({ isAssumed }) => isAssumed) ? ['Base rates are assumed: --base-rate says them.'] : []),
  ];
}

function cellsOf(forecast: Forecast): string[] {
  const { label, halfSeconds, maxSeconds, withinSeconds } = forecast;
  return [
    label,
    findsOf(forecast),
    halfSeconds === null ? '⚠ not in time' : formatAbout(halfSeconds),
    maxSeconds === null ? '⚠ not in time' : formatAbout(maxSeconds),
    formatDuration(withinSeconds),
  ];
}

/** `20 % worse than 1 %`. */
function findsOf({ finds, effectPercent, baseRatePercent }: Forecast): string {
  const than = baseRatePercent === null ? 'than before' : `than ${percent(baseRatePercent)}`;
  if (finds === 'worse' || finds === 'better') return `${percent(effectPercent)} ${finds} ${than}`;
  return baseRatePercent === null ? 'no loss' : `no loss at ${percent(baseRatePercent)}`;
}

function warningOf(forecast: Forecast): string {
  const { label, finds, effectPercent, toleratedPercent, withinSeconds, help } = forecast;
  const isTolerated = (finds === 'worse' || finds === 'better') && effectPercent <= toleratedPercent;
  const why = isTolerated ? `, which it tolerates up to ${percent(toleratedPercent)},` : '';
  const within = `in the ${formatDuration(withinSeconds)} that the plan watches`;
  const options = help === null ? [] : optionsOf(help);
  const advice =
    options.length === 0
      ? 'No larger share, longer time, larger effect or more traffic within reason would do alone.'
      : `${options.length === 1 ? 'This' : 'Any of these'} would do: ${options.join(', ')}.`;
  return `⚠ ${label}: fewer than 9 in 10 rollouts find ${findsOf(forecast)}${why} ${within}. ${advice}`;
}

function optionsOf({ minEffect, share, seconds, requestsPerHour }: Suggestions): string[] {
  return [
    ...(minEffect === null ? [] : [`an effect of ${percent(roundedUp(100 * minEffect))}`]),
    ...(seconds === null ? [] : [`${formatAbout(seconds)} of watching`]),
    ...(share === null ? [] : [`a share of ${percent(Math.round(100 * share))}`]),
    ...(requestsPerHour === null ? [] : [`${formatCount(roundedUp(requestsPerHour))} requests an hour`]),
  ];
}

/** Forecasts are no more precise than this: whole hours of days, ten minutes of hours. */
function formatAbout(seconds: number): string {
  const unit = seconds >= 172_800 ? 3_600 : seconds >= 7_200 ? 600 : 60;
  return formatDuration(Math.ceil(seconds / unit) * unit);
}

/** Two digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

function percent(value: number): string {
  return `${Number(value.toPrecision(3))} %`;
}
