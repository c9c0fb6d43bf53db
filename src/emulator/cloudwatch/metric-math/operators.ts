import { MathError } from './math-error.js';
import type { BinaryOperator } from './syntax.js';
import { mapSeries, seriesTimesOf, type TimeSeries, mathTypeName, type MathValue } from './value.js';

const operations: Record<BinaryOperator, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};

/**
 * Between two series, a value that only one of them lacks counts as 0, and a division by zero drops the point. Source:
 * the user guide. A time that both series lack stays absent.
 */
export function applyOperator(operator: BinaryOperator, left: MathValue, right: MathValue): MathValue {
  const operate = operations[operator];
  if (typeof left === 'number' && typeof right === 'number') return operate(left, right);
  if (Array.isArray(left) && Array.isArray(right)) throw unsupported(operator, left, right);
  if (Array.isArray(left)) return left.map((each) => asSeries(applyOperator(operator, each, right)));
  if (Array.isArray(right)) return right.map((each) => asSeries(applyOperator(operator, left, each)));
  if (typeof left === 'number')
    return typeof right === 'number' ? NaN : mapSeries(right, (b) => operate(left, b));
  if (typeof right === 'number') return mapSeries(left, (a) => operate(a, right));
  return betweenSeries(operate, left, right);
}

export function negate(value: MathValue): MathValue {
  if (typeof value === 'number') return -value;
  return Array.isArray(value) ? value.map((each) => mapSeries(each, (a) => -a)) : mapSeries(value, (a) => -a);
}

function betweenSeries(
  operate: (a: number, b: number) => number,
  left: TimeSeries,
  right: TimeSeries,
): TimeSeries {
  const points = new Map<number, number>();
  for (const start of seriesTimesOf([left, right])) {
    const value = operate(left.points.get(start) ?? 0, right.points.get(start) ?? 0);
    if (Number.isFinite(value)) points.set(start, value);
  }
  return { ...left, periodMs: Math.max(left.periodMs, right.periodMs), points };
}

function asSeries(value: MathValue): TimeSeries {
  if (typeof value === 'number' || Array.isArray(value)) throw new MathError('Arrays cannot be nested');
  return value;
}

function unsupported(operator: string, left: MathValue, right: MathValue): MathError {
  return new MathError(
    `Unsupported operand type(s) for ${operator}: '${mathTypeName(left)}, ${mathTypeName(right)}'`,
  );
}
