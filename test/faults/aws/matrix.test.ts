/**
 * Injects every fault into every AWS call. The rollout must end verified, or page an operator. The emulator's state and
 * log are the evidence. PENSTOCK_FAULTS=whole runs the whole matrix, otherwise a sample. PENSTOCK_SEED repeats the sample
 * of an earlier run. PENSTOCK_CELL is a regular expression: only cells with matching names run.
 */
import assert from 'node:assert/strict';
import { isWhole, seed } from '../seed.js';
import { oracleMutations } from './oracle-mutations.js';
import { matrixOf, nameOf, sampleOf, type Cell } from './matrix.js';
import { runCells } from './matrix-runner.js';
import { operationsInSource, testedElsewhere } from './operations.js';
import { findViolations } from './oracle.js';
import { runScenario, type Evidence } from './run-scenario.js';
import { scenarios } from './scenarios.js';

const sampleSize = 30;
const { PENSTOCK_CELL } = process.env;

describe('fault matrix of AWS calls', function () {
  // The whole matrix takes long.
  this.timeout(10_800_000);
  let undisturbed: Evidence[];
  before(async () => {
    undisturbed = [];
    for (const scenario of scenarios) undisturbed.push(await runScenario(scenario, null));
  });

  it('fault matrix: scenarios run without faults -> they make every AWS call in the source', () => {
    for (const evidence of undisturbed) {
      assert.equal(evidence.result.outcome, evidence.scenario.outcome, evidence.result.reason);
      assert.deepEqual(findViolations(evidence), []);
    }
    const tested = new Set(matrixOf(undisturbed).map(({ injection }) => injection.operation));
    const made = new Set(
      undisturbed.flatMap(({ called }) => [...called.values()].flatMap((one) => [...one])),
    );
    assert.deepEqual([...tested].sort(), [...made].sort());
    assert.deepEqual([...tested, ...Object.keys(testedElsewhere)].sort(), operationsInSource());
  });

  for (const { name, scenario, violation, ...mutation } of oracleMutations)
    it(`fault matrix oracle: ${name} -> violation found`, () => {
      const evidence = undisturbed.find((each) => each.scenario.name === scenario);
      assert.ok(evidence);
      const found = findViolations({ ...evidence, ...mutation.mutate(evidence) });
      assert.ok(
        found.some((each) => violation.test(each)),
        `found only: ${found.join('; ')}`,
      );
    });

  it('fault matrix: one fault in one call -> rollout ends verified, or pages an operator', async () => {
    const all = matrixOf(undisturbed);
    const cells = chosen(all);
    const { problems, ends } = await runCells(cells);
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
