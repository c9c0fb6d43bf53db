/** One workflow in the memory of a worker. A worker that does not have it there replays its recorded tasks. */
import { decodeFailure } from './payloads.js';
import type { RunHost, RunOptions } from './run-core.js';
import { workflowInfoOf } from './run-start.js';
import type { SandboxActivation, SandboxedRun, WorkflowCommand } from './sdk.js';

/** A task as it was given to the workflow, and what the workflow answered: what a replay must reproduce. */
export interface RecordedTask {
  activations: SandboxActivation[];
  commands: WorkflowCommand[];
}

export class CachedWorkflow {
  /** Flags of the SDK that the workflow has used. */
  readonly flags = new Set<number>();
  private sandboxed: SandboxedRun | null = null;
  /** The start of the worker whose memory `sandboxed` is in. */
  private generation = 0;
  private readonly recorded: RecordedTask[] = [];
  private lane: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: Pick<RunHost, 'worker' | 'sandbox' | 'clock'>,
    private readonly options: RunOptions,
  ) {}

  /** One call into the sandbox at a time. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lane.then(work);
    this.lane = result.catch(() => undefined);
    return result;
  }

  record(task: RecordedTask): void {
    this.recorded.push(task);
  }

  /** Replays it first if the worker has started again. Throws if the workflow code is not deterministic. */
  async workflow(): Promise<SandboxedRun> {
    const { worker, sandbox, clock } = this.host;
    if (this.sandboxed && this.generation === worker.generation) return this.sandboxed;
    await this.sandboxed?.dispose();
    this.generation = worker.generation;
    const { seed, startMs } = this.options;
    const run = await sandbox.start(workflowInfoOf(this.options, clock.nowMs), seed, startMs);
    for (const [i, { activations, commands }] of this.recorded.entries()) {
      const again: WorkflowCommand[] = [];
      for (const activation of activations)
        again.push(...commandsOf(await run.activate({ ...activation, isReplaying: true })));
      if (textOf(again) !== textOf(commands))
        throw new Error(`replay of ${this.options.workflowId}: workflow task ${i + 1} gave other commands`);
    }
    return (this.sandboxed = run);
  }

  async evict(): Promise<void> {
    await this.sandboxed?.dispose();
    this.sandboxed = null;
  }
}

/** Throws the failure of the workflow task. */
export function commandsOf({
  failed,
  successful,
}: Awaited<ReturnType<SandboxedRun['activate']>>): WorkflowCommand[] {
  if (failed?.failure) throw decodeFailure(failed.failure);
  return [...(successful?.commands ?? [])];
}

function textOf(commands: WorkflowCommand[]): string {
  return JSON.stringify(commands);
}
