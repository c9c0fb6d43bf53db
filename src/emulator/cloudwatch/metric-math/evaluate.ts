import { choose, fill, type Filler } from './filling.js';
import { functionOf } from './functions.js';
import { MathError } from './math-error.js';
import { applyOperator, negate } from './operators.js';
import type { Expression } from './syntax.js';
import { type TimeSeries, type MathValue, unsupportedArgument } from './value.js';

/** The data that an expression can refer to. */
export interface MathContext {
  /** The result of another query of the request. Throws MathError if no query has that id. */
  valueOf(id: string): MathValue;
  /** The metrics of the request, without expressions. */
  metrics(): { id: string; series: TimeSeries }[];
  /** Starts of all periods of the request. */
  timesOf(periodMs: number): number[];
}

export function evaluate(expression: Expression, context: MathContext): MathValue {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'id':
      return context.valueOf(expression.id);
    case 'list':
      return expression.items.flatMap((item) => seriesOf(evaluate(item, context)));
    case 'negation':
      return negate(evaluate(expression.operand, context));
    case 'binary':
      return applyOperator(
        expression.operator,
        evaluate(expression.left, context),
        evaluate(expression.right, context),
      );
    case 'call':
      return call(expression, context);
    case 'string':
      throw new MathError(`Unexpected "${expression.text}"`);
    case 'word':
      throw new MathError(`Unexpected '${expression.word}'`);
  }
}

type FunctionCall = Extract<Expression, { kind: 'call' }>;

/** Functions with more than one argument, or that need the request. */
const special: Record<string, (call: FunctionCall, context: MathContext) => MathValue> = {
  METRICS: metrics,
  PERIOD: period,
  FILL: fillCall,
  IF: ifCall,
  TIME_SERIES: timeSeries,
  MINUTE: (each, context) => clock(each, context, (time) => time.getUTCMinutes()),
  HOUR: (each, context) => clock(each, context, (time) => time.getUTCHours()),
  // Monday is 1.
  DAY: (each, context) => clock(each, context, (time) => time.getUTCDay() || 7),
  DATE: (each, context) => clock(each, context, (time) => time.getUTCDate()),
  MONTH: (each, context) => clock(each, context, (time) => time.getUTCMonth() + 1),
  YEAR: (each, context) => clock(each, context, (time) => time.getUTCFullYear()),
  EPOCH: (each, context) => clock(each, context, (time) => time.getTime() / 1000),
};

function call(expression: FunctionCall, context: MathContext): MathValue {
  const specially = special[expression.name];
  if (specially) return specially(expression, context);
  const apply = functionOf(expression.name);
  if (!apply) throw new MathError(`Function '${expression.name}' not found`);
  return apply(evaluate(argument(expression, 0, 1), context));
}

function metrics({ arguments: [part] }: FunctionCall, context: MathContext): TimeSeries[] {
  if (part && part.kind !== 'string') throw new MathError(`Function 'METRICS' takes a string`);
  return context.metrics().flatMap(({ id, series }) => (id.includes(part?.text ?? '') ? [series] : []));
}

function period(expression: FunctionCall, context: MathContext): number {
  return single(expression, evaluate(argument(expression, 0, 1), context)).periodMs / 1000;
}

function fillCall(expression: FunctionCall, context: MathContext): MathValue {
  const value = evaluate(argument(expression, 0, 2), context);
  const filler = fillerOf(argument(expression, 1, 2), context);
  const fillOne = (series: TimeSeries) => fill(series, context.timesOf(series.periodMs), filler);
  return Array.isArray(value) ? value.map(fillOne) : fillOne(single(expression, value));
}

function fillerOf(expression: Expression, context: MathContext): Filler {
  if (expression.kind === 'word' && (expression.word === 'REPEAT' || expression.word === 'LINEAR')) {
    return { kind: expression.word };
  }
  const value = evaluate(expression, context);
  if (Array.isArray(value)) throw unsupportedArgument('FILL', value);
  return { kind: 'value', value };
}

function ifCall(expression: FunctionCall, context: MathContext): MathValue {
  if (expression.arguments.length < 2 || expression.arguments.length > 3) throw wrongCount(expression);
  const [condition = 0, then = 0, otherwise] = expression.arguments.map((each) => evaluate(each, context));
  if (typeof condition === 'number') {
    if (condition !== 0) return then;
    return otherwise ?? { label: '', periodMs: 60_000, points: new Map() };
  }
  if (Array.isArray(then) || Array.isArray(otherwise)) throw unsupportedArgument('IF', []);
  return choose(single(expression, condition), then, otherwise ?? null);
}

/** A series with the scalar at all times. Its period is the finest one of the request. */
function timeSeries(expression: FunctionCall, context: MathContext): TimeSeries {
  const value = evaluate(argument(expression, 0, 1), context);
  if (typeof value !== 'number') throw unsupportedArgument('TIME_SERIES', value);
  const periods = context.metrics().map(({ series }) => series.periodMs);
  const periodMs = periods.length > 0 ? Math.min(...periods) : 60_000;
  return { label: '', periodMs, points: new Map(context.timesOf(periodMs).map((start) => [start, value])) };
}

/** A series without gaps whose values are parts of the time. */
function clock(expression: FunctionCall, context: MathContext, read: (time: Date) => number): TimeSeries {
  const series = single(expression, evaluate(argument(expression, 0, 1), context));
  const times = context.timesOf(series.periodMs);
  return { ...series, points: new Map(times.map((start) => [start, read(new Date(start))])) };
}

function seriesOf(value: MathValue): TimeSeries[] {
  if (typeof value === 'number') throw new MathError('An array cannot hold scalars');
  return Array.isArray(value) ? value : [value];
}

function single(expression: FunctionCall, value: MathValue): TimeSeries {
  if (typeof value === 'number' || Array.isArray(value)) throw unsupportedArgument(expression.name, value);
  return value;
}

function argument(expression: FunctionCall, index: number, count: number): Expression {
  const found = expression.arguments[index];
  if (!found || expression.arguments.length !== count) throw wrongCount(expression);
  return found;
}

function wrongCount({ name, arguments: given }: FunctionCall): MathError {
  return new MathError(`Function '${name}' does not take ${given.length} argument(s)`);
}
