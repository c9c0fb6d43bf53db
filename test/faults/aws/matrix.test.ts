/**
 * Every call of AWS meets every trouble, and the rollout ends verified or calls a person. Judged by the emulator's state and
 * log. PENSTOCK_FAULTS=whole plays the whole matrix, otherwise a sample. PENSTOCK_SEED plays the sample of a former run, and
 * PENSTOCK_CELL those cells whose names have it in them.
 */
import assert from 'node:assert/strict';
import { endTimeSkipping } from '../../support/time-skipping.js';
import { lies } from './lies.js';
import { matrixOf, nameOf, sampleOf, type Cell } from './matrix.js';
import { elsewhere, operationsInSource } from './operations.js';
import { findViolations } from './oracle.js';
import { play, type Evidence } from './play.js';
import { Stage } from './stage.js';
import { stories } from './stories.js';

const sampleSize = 50;
const atOnce = 24;
const { PENSTOCK_FAULTS, PENSTOCK_SEED, PENSTOCK_CELL } = process.env;

describe('a call of AWS that goes wrong', function () {
  // The first start on a machine downloads or builds the server, and the whole matrix takes a while.
  this.timeout(10_800_000);
  let undisturbed: Evidence[];
  before(async () => {
    undisturbed = await Stage.run((stage) => Promise.all(stories.map((story) => play(stage, story, null))));
  });
  // The clock may go on skipping for a while.
  after(endTimeSkipping);

  it('is one that the stories make when nothing goes wrong, or is tried elsewhere', () => {
    for (const evidence of undisturbed) {
      assert.equal(evidence.result.outcome, evidence.story.outcome, evidence.result.reason);
      assert.deepEqual(findViolations(evidence), []);
    }
    const tried = new Set(matrixOf(undisturbed).map(({ injection }) => injection.operation));
    const made = new Set(
      undisturbed.flatMap(({ called }) => [...called.values()].flatMap((one) => [...one])),
    );
    assert.deepEqual([...tried].sort(), [...made].sort());
    assert.deepEqual([...tried, ...Object.keys(elsewhere)].sort(), operationsInSource());
  });

  for (const { name, of, noticed, ...lie } of lies)
    it(`is judged by an oracle that notices ${name}`, () => {
      const truth = undisturbed.find(({ story }) => story.name === of);
      assert.ok(truth);
      const found = findViolations({ ...truth, ...lie.tell(truth) });
      assert.ok(
        found.some((violation) => noticed.test(violation)),
        `found only: ${found.join('; ')}`,
      );
    });

  it('ends in what is verified, or in a call for a person', async () => {
    const all = matrixOf(undisturbed);
    const cells = chosen(all);
    const ends = new Map<string, number>();
    const problems = await Stage.run((stage) => playAll(stage, cells, ends));
    const counts = [...ends].map(([end, times]) => `${end} ${times}`);
    console.log(`      ${cells.length} of ${all.length} cells: ${counts.join(', ')}`);
    assert.deepEqual(problems, []);
  });
});

function chosen(all: Cell[]): Cell[] {
  if (PENSTOCK_CELL !== undefined) return all.filter((cell) => nameOf(cell).includes(PENSTOCK_CELL));
  if (PENSTOCK_FAULTS === 'whole') return all;
  const seed = Number(PENSTOCK_SEED ?? Date.now() % 1_000_000);
  console.log(`      PENSTOCK_SEED=${seed}`);
  return sampleOf(all, sampleSize, seed);
}

/** So many at a time. */
async function playAll(stage: Stage, cells: Cell[], ends: Map<string, number>): Promise<string[]> {
  const problems: string[] = [];
  const waiting = [...cells];
  const work = async () => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift())
      for (const problem of await playCell(stage, cell, ends)) {
        problems.push(`${nameOf(cell)}: ${problem}`);
        // The whole matrix takes a while.
        console.log(`      ${problems.at(-1)}`);
      }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return problems;
}

async function playCell(stage: Stage, cell: Cell, ends: Map<string, number>): Promise<string[]> {
  try {
    const evidence = await play(stage, cell.story, cell.injection);
    const end = `${evidence.result.outcome}${evidence.wasReleased ? ' after a hold' : ''}`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    const problems = findViolations(evidence);
    return evidence.isStruck ? problems : [...problems, 'the call was not made'];
  } catch (error) {
    return [String(error)];
  }
}
