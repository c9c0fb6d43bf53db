/** Options of a forecast: a number for all rules, or for one rule by its name. */
import { InvalidArgumentError } from 'commander';
import { parseRate } from '../../plan/units/percents.js';

/** `3%` or `conversion=3%`, repeatable. */
export function byRule(
  parse: (text: string) => number,
): (text: string, before?: Map<string, number>) => Map<string, number> {
  return (text, before) => {
    const [, name = '', value = text] = /^([^=]+)=(.*)$/.exec(text) ?? [];
    return new Map([...(before ?? []), [name, parse(value)]]);
  };
}

/** Percent. */
export function rateArgument(text: string): number {
  try {
    return parseRate(text);
  } catch {
    throw new InvalidArgumentError('Expected a rate such as 1%, 0.05% or conversion=3%.');
  }
}

/** Percent; may exceed 100. */
export function effectArgument(text: string): number {
  const value = /^\d{1,3}(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : 0;
  if (!(value > 0)) throw new InvalidArgumentError('Expected a percentage such as 5%, 20% or 150%.');
  return value;
}

export function relativeStdArgument(text: string): number {
  const value = /^\d{1,4}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0, such as 1.5 or revenue=3.');
  return value;
}
