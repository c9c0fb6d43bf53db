/** Searches for faults: `npm run test:simulation -- --seeds N [--from SEED] [--shrink]`. Exit code 1 after a violation. */
import { parseArgs } from 'node:util';
import { judgeSeed, openSandbox, shrinkTo } from './search.js';
import { tell } from './story.js';
import type { InvariantName } from './invariants/all.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    whole: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false },
  },
});
const from = numberOf('--from', values.from);
const seeds = numberOf('--seeds', values.seeds ?? '1');
const sandbox = await openSandbox();
const began = performance.now();
const counts = new Map<InvariantName, number[]>();
const outcomes = new Map<string, number>();
for (let seed = from; seed < from + seeds; seed++) {
  const { record, found } = await judgeSeed(seed, sandbox);
  const outcome = record.result?.outcome ?? 'none';
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  for (const { invariant, message } of found) {
    counts.set(invariant, [...(counts.get(invariant) ?? []), seed]);
    if (values.brief) console.log(`${seed} ${invariant}: ${message}`);
    else if (values.whole) console.log(tell(record, found));
    else {
      const smallest = await shrinkTo(invariant, record.scenario, sandbox);
      console.log(`${tell(smallest.record, smallest.found)}\n`);
    }
  }
}
const minutes = (performance.now() - began) / 60_000;
console.log(
  `${seeds} seeds, ${Math.round(seeds / minutes)} a minute: ${[...outcomes].map(([name, n]) => `${n} ${name}`).join(', ')}`,
);
for (const [invariant, found] of counts)
  console.log(`${invariant}: ${found.length} (${found.slice(0, 20).join(', ')})`);
process.exit(counts.size > 0 ? 1 : 0);

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`expected a whole number above 0 for ${name}, got ${text}`);
  process.exit(2);
}
