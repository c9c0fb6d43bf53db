/**
 * Measures the comparison rules: all sections, or the given ones, e.g.
 * `node --import tsx bench/judgement/main.ts power`. Seeds are fixed. docs/statistics.md has the figures.
 */
import { describeMachine, printFigures, type Figure } from '../table.js';
import { measureBounds } from './bounds.js';
import { measureDecisionTime } from './decision-time.js';
import { measureFalseAlarms } from './false-alarms.js';
import { measureGoals } from './goals.js';
import { measureHardships } from './hardships.js';
import { measureLateHarm } from './late-harm.js';
import { measureOutlook } from './outlook.js';
import { measurePower } from './power.js';
import { measureSpeed } from './speed.js';
import { measureSplit } from './split.js';
import { measureTails } from './tails.js';
import { measureUsers } from './users.js';
import { measureWeights } from './weights.js';

const sections: Record<string, () => Figure[] | Promise<Figure[]>> = {
  'false-alarms': measureFalseAlarms,
  power: measurePower,
  'late-harm': measureLateHarm,
  split: measureSplit,
  bounds: measureBounds,
  hardships: measureHardships,
  goals: measureGoals,
  users: measureUsers,
  tails: measureTails,
  weights: measureWeights,
  'decision-time': measureDecisionTime,
  outlook: measureOutlook,
  speed: measureSpeed,
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(sections);
const unknown = chosen.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0)
  throw new Error(`expected sections of ${Object.keys(sections).join(', ')}; got ${unknown.join(', ')}`);

console.log(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`);
for (const name of chosen) {
  const startMs = performance.now();
  const figures = await sections[name]!();
  console.log(`${name} (${((performance.now() - startMs) / 1000).toFixed(0)} s)`);
  printFigures(figures);
}
