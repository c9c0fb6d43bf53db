/** The chance that bounds roll back a healthy candidate. */
import type { FalseRollbacks } from './false-rollbacks.js';
import { ruleNameOf } from './forecasts.js';
import { alignColumns } from '../view/table.js';

export function renderFalseRollbacks(all: readonly FalseRollbacks[]): string[] {
  if (all.length === 0) return [];
  const rows = [['BOUND', 'BASELINE', 'CHANCE'], ...all.map(cellsOf)];
  const unknown = all
    .filter(({ missing }) => missing === 'baseRate')
    .map((each) => ruleNameOf({ id: each.rule }));
  return [
    '',
    "Chance that a bound rolls back a candidate with the baseline's own rate, over the whole rollout",
    ...alignColumns(rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })))),
    ...(unknown.length === 0
      ? []
      : [`The baseline's rate is unknown; pass --base-rate ${unknown[0]}=RATE, or --from-cloudwatch.`]),
    ...(all.some(({ missing }) => missing === 'counts')
      ? ['A metric without counts has no such chance; penstock backtest replays its recorded windows.']
      : []),
  ];
}

const units = { percent: ' %', ms: ' ms', none: '' };

function cellsOf({ label, bound, baseRatePercent, chance }: FalseRollbacks): string[] {
  const operator = bound.direction === 'below' ? '<' : '>';
  return [
    `${label} ${operator} ${bound.bound}${units[bound.unit]}`,
    baseRatePercent === null ? '?' : `${Number(baseRatePercent.toPrecision(3))} %`,
    chance === null ? '?' : chanceText(chance.rolledBack, chance.rollouts),
  ];
}

/** No rollback in 400 rollouts shows a chance of less than 1 %, with a confidence of 95 %. */
function chanceText(rolledBack: number, rollouts: number): string {
  if (rolledBack === 0) return `under ${Math.ceil(300 / rollouts)} %`;
  return `about ${Number(((100 * rolledBack) / rollouts).toPrecision(2))} %`;
}
