/**
 * Rollouts under random faults, commands and kills for half an hour: `npm run bench:soak -- --minutes 30 --rollouts
 * 200 --seed 7`. Exit code 1 at the first violation. Needs Linux: memory is read from /proc.
 */
import { parseArgs } from 'node:util';
import { mochaHooks } from '../../test/support/root-hooks.js';
import { describeMachine, printFigures, type Figure } from '../table.js';
import { soak, type Soak } from './soak.js';
import { quartersOf } from './worker-lives.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, rollouts: { type: 'string' }, seed: { type: 'string' } },
});
const settings = {
  minutes: positive('minutes', 30),
  rollouts: positive('rollouts', 200),
  seed: positive('seed', (Date.now() % 1_000_000) + 1),
};

/** Minimum worker lifetime for the memory check, because a worker needs minutes to warm up. */
const longLifeMinutes = 5;
const maxGrowth = 1.25;

console.log(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`);
console.log(`${settings.minutes} minutes, ${settings.rollouts} rollouts, seed ${settings.seed}`);
mochaHooks.beforeAll();
const result = await soak(settings);
const memory = quartersOf(result.samples);
const growth = memory.last / memory.first;
printFigures(figuresOf(result));
for (const violation of result.violations) console.log(violation.slice(0, 500));
const hasGrown = memory.minutes >= longLifeMinutes && growth > maxGrowth;
if (hasGrown) console.log('the memory of the worker grows');
process.exitCode = result.violations.length === 0 && !hasGrown ? 0 : 1;
await mochaHooks.afterAll();

function figuresOf(result: Soak): Figure[] {
  const outcomes = new Map<string, number>();
  for (const { result: ended, wasReleased } of result.evidence) {
    const outcomeText = wasReleased ? `${ended.outcome} after a hold` : ended.outcome;
    outcomes.set(outcomeText, (outcomes.get(outcomeText) ?? 0) + 1);
  }
  const commands = new Map<string, number>();
  for (const { command, answer } of result.evidence.flatMap(({ given }) => given)) {
    const key = `${command} ${answer}`;
    commands.set(key, (commands.get(key) ?? 0) + 1);
  }
  const figure = (what: string, measured: string | number, aim = ''): Figure => ({
    ...{ what, measured: String(measured), aim },
  });
  return [
    figure('rollouts that ended', result.evidence.length, String(settings.rollouts)),
    figure('by outcome', listed(outcomes)),
    figure('by strategy', listed(result.strategies)),
    figure('calls of AWS', result.calls),
    figure('calls hit by a fault', listed(result.faults)),
    figure('other acts', listed(result.done)),
    figure('kills of the worker', result.kills),
    figure('commands', listed(commands)),
    figure('user requests, all served', result.asked),
    figure('violations', result.violations.length, '0'),
    figure('last life of the worker', `${memory.minutes.toFixed(1)} minutes`),
    figure(
      'its memory, first and last quarter',
      `${memory.first.toFixed(0)} MB, ${memory.last.toFixed(0)} MB`,
    ),
    figure('ratio', growth.toFixed(2), `<= ${maxGrowth}`),
    figure('events in the longest history', result.longestHistory),
  ];
}

function listed(counts: Map<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${what} ${count}`);
  return parts.length === 0 ? '0' : `${total}: ${parts.join(', ')}`;
}

function positive(name: keyof typeof values, usual: number): number {
  const text = values[name];
  const value = text === undefined ? usual : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`expected a number above 0 for --${name}, got ${text}`);
  process.exit(2);
}
