import assert from 'node:assert/strict';
import type { Forecast } from '../../../src/cli/forecast/forecasts.js';
import { renderForecasts } from '../../../src/cli/view/forecasts-view.js';

const hour = 3_600;
const goal: Forecast = {
  rule: 'goal:conversion',
  label: 'conversion',
  finds: 'better',
  effectPercent: 20,
  toleratedPercent: 0,
  baseRatePercent: 1,
  isAssumed: false,
  halfSeconds: 83 * hour,
  maxSeconds: 159 * hour,
  withinSeconds: 336 * hour,
  help: null,
  sizing: { plannedSize: 100_000, halfSeconds: 69 * hour },
};

function lastLineOf(rule: Forecast): string | undefined {
  return renderForecasts({ requestsPerHour: 2_000, rules: [rule], unknown: [] }).at(-1);
}

describe('renderForecasts', () => {
  it('renderForecasts: a better planned size -> its value, and both times', () => {
    assert.equal(
      lastLineOf(goal),
      'conversion: with judging.plannedSize: 100000, 50 % of rollouts decide within 2d21h rather than within 3d11h.',
    );
    assert.match(
      lastLineOf({ ...goal, halfSeconds: null }) ?? '',
      /within 2d21h rather than not within the plan\.$/,
    );
  });

  it('renderForecasts: no better planned size -> no line', () => {
    assert.doesNotMatch(lastLineOf({ ...goal, sizing: null }) ?? '', /plannedSize/);
  });
});
