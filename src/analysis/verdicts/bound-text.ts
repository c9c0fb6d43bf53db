/** Messages of bound verdicts: value, operator, bound and window. */
import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';
import type { WindowSpan } from './windows.js';

const unitTexts: Record<BoundGuardrail['metric']['unit'], string> = { percent: ' %', ms: ' ms', none: '' };

/** `error rate 0.42 % < 1 %`, `error rate 7.1 % is not < 1 %`. */
export function describeBoundComparison(guardrail: BoundGuardrail, value: number, holds: boolean): string {
  const { label, direction, bound, metric } = guardrail;
  const unit = unitTexts[metric.unit];
  const operator = `${holds ? '' : 'is not '}${direction === 'below' ? '<' : '>'}`;
  const [valueText, boundText] = formatApart(value, bound);
  return `${label} ${valueText}${unit} ${operator} ${boundText}${unit}`;
}

/** The comparison is strict: the bound itself is out. */
export function isWithin(
  { direction, bound }: Pick<BoundGuardrail, 'direction' | 'bound'>,
  value: number,
): boolean {
  return direction === 'below' ? value < bound : value > bound;
}

/** `window 3 of 6`, `windows 2-3 of 6`. After the planned windows: `window 8`. */
export function describeWindowSpan({ firstWindow, lastWindow }: WindowSpan, windowsPlanned: number): string {
  const which = firstWindow === lastWindow ? `window ${lastWindow}` : `windows ${firstWindow}-${lastWindow}`;
  return lastWindow <= windowsPlanned ? `${which} of ${windowsPlanned}` : which;
}

/** Shortest texts that still differ for two different numbers: 0.9996 next to 1, not `1 < 1`. */
function formatApart(value: number, bound: number): [string, string] {
  for (let digits = 3; digits < 17; digits += 1) {
    const texts: [string, string] = [format(value, digits), format(bound, digits)];
    if (value === bound || texts[0] !== texts[1]) return texts;
  }
  return [String(value), String(bound)];
}

function format(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
