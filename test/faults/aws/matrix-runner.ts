/** Runs the cells of the matrix, one after another: each in a simulation of its own. */
import { nameOf, type Cell } from './matrix.js';
import { findViolations } from './oracle.js';
import { runScenario } from './run-scenario.js';

export interface MatrixReport {
  problems: string[];
  /** Number of rollouts by outcome. */
  ends: Map<string, number>;
}

export async function runCells(cells: Cell[]): Promise<MatrixReport> {
  const report: MatrixReport = { problems: [], ends: new Map() };
  for (const cell of cells)
    for (const problem of await runCell(cell, report.ends))
      report.problems.push(`${nameOf(cell)}: ${problem}`);
  return report;
}

async function runCell({ scenario, injection }: Cell, ends: MatrixReport['ends']): Promise<string[]> {
  try {
    const evidence = await runScenario(scenario, injection);
    const end = `${evidence.result.outcome}${evidence.wasReleased ? ' after a hold' : ''}`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    const problems = findViolations(evidence);
    return evidence.faultFired ? problems : [...problems, 'the call was not made'];
  } catch (error) {
    return [String(error)];
  }
}
