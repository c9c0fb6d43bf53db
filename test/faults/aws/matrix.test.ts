/**
 * Every call of AWS meets every trouble, and the rollout ends verified or calls a person. Judged by the emulator's state and
 * log. PENSTOCK_FAULTS=whole plays the whole matrix, otherwise a sample. PENSTOCK_SEED plays the sample of a former run, and
 * PENSTOCK_CELL, a regular expression, the cells of these names.
 */
import assert from 'node:assert/strict';
import { isWhole, seed } from '../seed.js';
import { lies } from './oracle-mutations.js';
import { matrixOf, nameOf, sampleOf, type Cell } from './matrix.js';
import { MatrixRunner } from './matrix-runner.js';
import { elsewhere, operationsInSource } from './operations.js';
import { findViolations } from './oracle.js';
import { runScenario, type Evidence } from './run-scenario.js';
import { FaultMatrixEnvironment } from './fault-matrix-environment.js';
import { stories } from './scenarios.js';

const sampleSize = 40;
const { PENSTOCK_CELL } = process.env;

describe('a call of AWS that goes wrong', function () {
  // The first start on a machine downloads or builds the server, and the whole matrix takes a while.
  this.timeout(10_800_000);
  let undisturbed: Evidence[];
  before(async () => {
    undisturbed = await FaultMatrixEnvironment.run((stage) =>
      Promise.all(stories.map((story) => runScenario(stage, story, null))),
    );
  });

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
    const { problems, ends } = await new MatrixRunner(cells).play();
    const counts = [...ends].map(([end, times]) => `${end} ${times}`);
    console.log(`      ${cells.length} of ${all.length} cells: ${counts.join(', ')}`);
    assert.deepEqual(problems, []);
  });
});

function chosen(all: Cell[]): Cell[] {
  if (PENSTOCK_CELL !== undefined) return all.filter((cell) => new RegExp(PENSTOCK_CELL).test(nameOf(cell)));
  if (isWhole) return all;
  console.log(`      PENSTOCK_SEED=${seed}`);
  return sampleOf(all, sampleSize, seed);
}
