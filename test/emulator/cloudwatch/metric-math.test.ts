import assert from 'node:assert/strict';
import { evaluate, type MathContext } from '../../../src/emulator/cloudwatch/metric-math/evaluate.js';
import { MathError } from '../../../src/emulator/cloudwatch/metric-math/math-error.js';
import { parseExpression } from '../../../src/emulator/cloudwatch/metric-math/syntax.js';
import type { TimeSeries, MathValue } from '../../../src/emulator/cloudwatch/metric-math/value.js';

const minuteMs = 60_000;
const periods = 5;
type Values = (number | null)[];

/** A series of one value per minute from the epoch on. Null is a minute without data. */
function series(values: Values): TimeSeries {
  const points = values.flatMap((value, index) =>
    value === null ? [] : [[index * minuteMs, value] as const],
  );
  return { label: '', periodMs: minuteMs, points: new Map(points) };
}

function valuesOf(value: MathValue): unknown {
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(valuesOf);
  return Array.from({ length: periods }, (_, index) => value.points.get(index * minuteMs) ?? null);
}

function compute(expression: string, metrics: Record<string, Values> = {}): unknown {
  const all = Object.entries(metrics).map(([id, values]) => ({ id, series: series(values) }));
  const context: MathContext = {
    metrics: () => all,
    valueOf(id) {
      const found = all.find((each) => each.id === id);
      if (!found) throw new MathError(`Unknown identifier '${id}'`);
      return found.series;
    },
    timesOf: (periodMs) => Array.from({ length: periods }, (_, index) => index * periodMs),
  };
  return valuesOf(evaluate(parseExpression(expression), context));
}

const _ = null;
const m1: Values = [10, 20, _, 40, _];
const m2: Values = [5, _, 3, 0, _];

describe('metric math', () => {
  const rows: [result: string, expression: string, expected: unknown][] = [
    ['adds at every time of either series', 'm1 + m2', [15, 20, 3, 40, _]],
    ['subtracts what is missing as 0', 'm1 - m2', [5, 20, -3, 40, _]],
    ['drops the point on division by zero or by a missing value', 'm1 / m2', [2, _, 0, _, _]],
    ['products before sums', '1 + m1 * 2', [21, 41, _, 81, _]],
    ['brackets first', '(1 + m1) * 2', [22, 42, _, 82, _]],
    ['associates to the left', 'm1 - 1 - 2', [7, 17, _, 37, _]],
    ['raises to a power', 'm1 ^ 2', [100, 400, _, 1600, _]],
    ['negates', '-m1 + 1', [-9, -19, _, -39, _]],
    [
      'applies to each series of an array',
      '[m1, m2] * 2',
      [
        [20, 40, _, 80, _],
        [10, _, 6, 0, _],
      ],
    ],
    ['compares with a number', 'm1 >= 20', [0, 1, _, 1, _]],
    ['compares two series, the missing one as 0', 'm1 < m2', [0, 0, 1, 0, _]],
    ['joins comparisons', 'm1 > 5 AND m1 < 30 || m2 == 0', [1, 1, 0, 1, _]],
    ['sums an array over its members', 'SUM([m1, m2])', [15, 20, 3, 40, _]],
    ['averages an array, missing values as 0', 'AVG([m1, m2])', [7.5, 10, 1.5, 20, _]],
    ['minimum and maximum of an array', 'MAX([m1, m2]) - MIN([m1, m2])', [5, 0, 0, 40, _]],
    ['sums one series to a number', 'm1 / SUM(m1)', [1 / 7, 2 / 7, _, 4 / 7, _]],
    [
      'deviation of one series',
      'm1 * 0 + STDDEV(m2)',
      [2.0548046676563256, 2.0548046676563256, _, 2.0548046676563256, _],
    ],
    ['rounds and takes absolute values', 'ABS(FLOOR(-m1 / 3)) + CEIL(m1 / 3)', [8, 14, _, 28, _]],
    ['fills with a number', 'FILL(m1, 0)', [10, 20, 0, 40, 0]],
    ['fills with the previous value', 'FILL(m1, REPEAT)', [10, 20, 20, 40, 40]],
    ['fills gaps linearly, but not after the last value', 'FILL(m1, LINEAR)', [10, 20, 30, 40, _]],
    ['fills with another metric', 'FILL(m1, m2)', [10, 20, 3, 40, _]],
    [
      'fills every member of an array',
      'FILL([m1, m2], 1)',
      [
        [10, 20, 1, 40, 1],
        [5, 1, 3, 0, 1],
      ],
    ],
    ['drops the point if the condition is false and there is no else', 'IF(m1 > 15, m1)', [_, 20, _, 40, _]],
    ['chooses between numbers', 'IF(m1 > 15, 1, 0)', [0, 1, _, 1, _]],
    ['0 if the chosen series has no value', 'IF(m1, m2, 7)', [5, 0, _, 0, _]],
    ['the else branch if it has a value', 'IF(m1 > 15, 1, m2)', [5, 1, _, 1, _]],
    ['all metrics of the request', 'SUM(METRICS())', [15, 20, 3, 40, _]],
    ['the metrics whose id contains the text', 'SUM(METRICS("2"))', [5, _, 3, 0, _]],
    ['counts metrics', 'm1 * METRIC_COUNT(METRICS())', [20, 40, _, 80, _]],
    ['the increase per second, also over gaps', 'RATE(m1)', [_, 10 / 60, _, 20 / 120, _]],
    ['the increase', 'DIFF(m1)', [_, 10, _, 20, _]],
    ['the running sum', 'RUNNING_SUM(m1)', [10, 30, _, 70, _]],
    ['the period in seconds', 'm1 / PERIOD(m1) * 60', [10, 20, _, 40, _]],
    ['a series of the number', 'TIME_SERIES(SUM(m1))', [70, 70, 70, 70, 70]],
    ['the minute of each time', 'MINUTE(m1)', [0, 1, 2, 3, 4]],
    ['a number, for larger expressions', 'AVG(m1) > 20', 1],
  ];
  for (const [message, expression, expected] of rows) {
    it(`metric math: ${expression} -> ${message}`, () => {
      assert.deepEqual(compute(expression, { m1, m2 }), expected);
    });
  }

  const guide: [expression: string, metrics: Record<string, Values>, expected: Values][] = [
    ['metric1 < metric2', { metric1: [30, 20, 0, 0], metric2: [20, _, 20, _] }, [0, 0, 1, 0, _]],
    ['metric1 > 15 AND metric2 > 15', { metric1: [30, 20, 0, 0], metric2: [20, _, 20, _] }, [1, 0, 0, 0, _]],
    ['IF(c, t, e)', { c: [1, 1, 0, 0, _], t: [30, _, 0, 0, 30], e: [0, 0, 20, _, 20] }, [30, 0, 20, _, _]],
    ['IF(c, 5, e)', { c: [1, 1, 0, 0, _], e: [0, 0, 20, _, 20] }, [5, 5, 20, _, _]],
    ['IF(c, t, 5)', { c: [1, 1, 0, 0, _], t: [30, _, 0, 0, 30] }, [30, 0, 5, 5, _]],
  ];
  for (const [expression, metrics, expected] of guide) {
    it(`metric math: ${expression} -> the result of the user guide`, () => {
      assert.deepEqual(compute(expression, metrics), expected);
    });
  }

  const refused: [expression: string, message: RegExp][] = [
    ['m1 +', /^Unexpected end of the expression$/],
    ['m1 m2', /^Unexpected 'm2'$/],
    ['(m1', /^Unexpected end/],
    ['m1 # m2', /^Unexpected character at position 2$/],
    ['m9', /^Unknown identifier 'm9'$/],
    ['MEDIAN(m1)', /^Function 'MEDIAN' not found$/],
    ['ABS()', /^Function 'ABS' does not take 0 argument/],
    ['RATE(5)', /^Function 'RATE' does not support an argument of type Scalar$/],
    [
      '[m1, m2] + [m1, m2]',
      /^Unsupported operand type\(s\) for \+: 'Array\[TimeSeries\], Array\[TimeSeries\]'$/,
    ],
  ];
  for (const [expression, message] of refused) {
    it(`metric math: ${expression} -> refused`, () => {
      assert.throws(() => compute(expression, { m1, m2 }), { message });
    });
  }
});
