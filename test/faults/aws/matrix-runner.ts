/** Plays many cells, some at a time, and each server a number of them. */
import { endTimeSkipping } from '../../support/time-skipping.js';
import { nameOf, type Cell } from './matrix.js';
import { findViolations } from './oracle.js';
import { runScenario } from './run-scenario.js';
import { FaultMatrixEnvironment, TimeStoodStill } from './fault-matrix-environment.js';

const atOnce = 16;
const perServer = 200;
/** Servers that may stop skipping time before it counts as a failure. */
const sparesPerServer = 1;

export class MatrixRunner {
  readonly problems: string[] = [];
  /** How often a rollout ended so. */
  readonly ends = new Map<string, number>();
  private readonly left: Set<Cell>;

  constructor(cells: Cell[]) {
    this.left = new Set(cells);
  }

  async play(): Promise<this> {
    let spares = sparesPerServer * Math.ceil(this.left.size / perServer);
    while (this.left.size > 0) {
      const cells = [...this.left].slice(0, perServer);
      try {
        await FaultMatrixEnvironment.run((stage) => this.playSome(stage, cells));
      } catch (error) {
        if (!(error instanceof TimeStoodStill) || spares === 0) throw error;
        spares -= 1;
      }
      await endTimeSkipping();
    }
    return this;
  }

  private async playSome(stage: FaultMatrixEnvironment, cells: Cell[]): Promise<void> {
    const waiting = [...cells];
    const work = async () => {
      for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
        for (const problem of await this.playCell(stage, cell)) this.report(`${nameOf(cell)}: ${problem}`);
        this.left.delete(cell);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    console.log(`      ${this.left.size} cells are left`);
  }

  private async playCell(stage: FaultMatrixEnvironment, cell: Cell): Promise<string[]> {
    try {
      const evidence = await runScenario(stage, cell.story, cell.injection);
      const end = `${evidence.result.outcome}${evidence.wasReleased ? ' after a hold' : ''}`;
      this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
      const problems = findViolations(evidence);
      return evidence.faultFired ? problems : [...problems, 'the call was not made'];
    } catch (error) {
      stage.requireGoing();
      return [String(error)];
    }
  }

  /** At once: the whole matrix takes a while. */
  private report(problem: string): void {
    this.problems.push(problem);
    console.log(`      ${problem}`);
  }
}
