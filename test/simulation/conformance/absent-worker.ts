/**
 * The worker of the scenarios in which it is absent. It stops once for all of them, when the last one asks for it, and
 * starts again when the last one is done: a start takes longer than a scenario.
 */
export interface RunningWorker {
  stop(): Promise<void>;
}

export class AbsentWorker {
  private worker: Promise<RunningWorker>;
  private readonly gathered: Barrier;
  private readonly stopped: Barrier;
  private readonly startedAgain: Barrier;

  /** `count`: number of scenarios. */
  constructor(count: number, start: () => Promise<RunningWorker>) {
    this.worker = start();
    this.gathered = new Barrier(count, () => Promise.resolve());
    this.stopped = new Barrier(count, () => this.stop());
    this.startedAgain = new Barrier(count, async () => {
      this.worker = start();
      await this.worker;
    });
  }

  async stop(): Promise<void> {
    await (await this.worker).stop();
  }

  /** Resolves when the worker runs. */
  async ready(): Promise<void> {
    await this.worker;
  }

  /** Each scenario calls it once. `justBefore` runs when all the others are ready. */
  async during(
    work: () => Promise<void>,
    justBefore: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.gathered.reach();
    await justBefore().finally(() => this.stopped.reach());
    try {
      await work();
    } finally {
      await this.startedAgain.reach();
    }
  }
}

/** Runs `action` when all have reached it. */
class Barrier {
  private readonly isOpen: Promise<void>;
  private open: () => void = () => undefined;

  constructor(
    private left: number,
    private readonly action: () => Promise<void>,
  ) {
    this.isOpen = new Promise<void>((resolve) => (this.open = resolve)).then(() => this.action());
  }

  reach(): Promise<void> {
    if (--this.left === 0) this.open();
    return this.isOpen;
  }
}
