/** Runs the cells of the matrix, several at a time. Each server runs a limited number of cells. */
import { endTimeSkipping } from '../../support/time-skipping.js';
import { nameOf, type Cell } from './matrix.js';
import { findViolations } from './oracle.js';
import { runScenario } from './run-scenario.js';
import { ClockStopped, FaultMatrixEnvironment } from './fault-matrix-environment.js';

const atOnce = 16;
const perServer = 200;
/** Servers that may stop skipping time before the run fails, for each server that is needed. */
const sparesPerServer = 1;

export class MatrixRunner {
  readonly problems: string[] = [];
  /** Number of rollouts by outcome. */
  readonly ends = new Map<string, number>();
  private readonly left: Set<Cell>;

  constructor(cells: Cell[]) {
    this.left = new Set(cells);
  }

  async run(): Promise<this> {
    let spares = sparesPerServer * Math.ceil(this.left.size / perServer);
    while (this.left.size > 0) {
      const cells = [...this.left].slice(0, perServer);
      try {
        await FaultMatrixEnvironment.run((environment) => this.runCells(environment, cells));
      } catch (error) {
        if (!(error instanceof ClockStopped) || spares === 0) throw error;
        spares -= 1;
      }
      await endTimeSkipping();
    }
    return this;
  }

  private async runCells(environment: FaultMatrixEnvironment, cells: Cell[]): Promise<void> {
    const waiting = [...cells];
    const work = async () => {
      for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
        for (const problem of await this.runCell(environment, cell))
          this.report(`${nameOf(cell)}: ${problem}`);
        this.left.delete(cell);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    console.log(`      ${this.left.size} cells are left`);
  }

  private async runCell(environment: FaultMatrixEnvironment, cell: Cell): Promise<string[]> {
    try {
      const evidence = await runScenario(environment, cell.scenario, cell.injection);
      const end = `${evidence.result.outcome}${evidence.wasReleased ? ' after a hold' : ''}`;
      this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
      const problems = findViolations(evidence);
      return evidence.faultFired ? problems : [...problems, 'the call was not made'];
    } catch (error) {
      environment.assertRunning();
      return [String(error)];
    }
  }

  /** Prints immediately: the whole matrix takes long. */
  private report(problem: string): void {
    this.problems.push(problem);
    console.log(`      ${problem}`);
  }
}
