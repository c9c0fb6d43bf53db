/**
 * The one file that reaches into the Temporal SDK: it runs workflow code in the SDK's own sandbox, without a worker and
 * without a server. Activations go in, commands come out, as between the SDK and its core.
 *
 * Sources: @temporalio/worker `lib/workflow/reusable-vm.js` (creator, activate), `lib/worker.js` (parseWorkflowCode, and
 * how a worker makes WorkflowInfo). `test/simulation/sdk.test.ts` fails when the version or these exports change.
 */
import { createRequire } from 'node:module';
import proto, { type coresdk } from '@temporalio/proto';
import type { WorkflowInfo } from '@temporalio/workflow';

/** The version whose inside this file knows. */
export const knownSdkVersion = '1.24.0';

export type SandboxActivation = coresdk.workflow_activation.IWorkflowActivation;
export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type Completion = coresdk.workflow_completion.IWorkflowActivationCompletion;
export type WorkflowCommand = coresdk.workflow_commands.IWorkflowCommand;

/** One run of a workflow in the sandbox. */
export interface SandboxedRun {
  activate(activation: SandboxActivation): Promise<Completion>;
  dispose(): Promise<void>;
}

interface CreateOptions {
  info: WorkflowInfo;
  randomnessSeed: number[];
  now: number;
  showStackTraceSources: boolean;
}

interface Creator {
  createWorkflow(options: CreateOptions): Promise<SandboxedRun>;
  destroy(): Promise<void>;
}

interface ParsedBundle {
  code: string;
  filename: string;
}

interface Internals {
  /** The hook records the stack of every promise of this process, for a query that a simulation does not ask. */
  globalHandlers: { stopPromiseHook: () => void };
  parseWorkflowCode: (this: void, code: string) => ParsedBundle;
  ReusableVMWorkflowCreator: {
    create(bundle: ParsedBundle, timeoutMs: number | undefined, activities: Set<string>): Promise<Creator>;
  };
}

const { WorkflowActivation } = proto.coresdk.workflow_activation;

/**
 * No limit: a workflow task of a simulation may be stopped at a breakpoint. Node.js would start a thread for each call
 * with a limit, which takes longer than most calls.
 */
const taskTimeoutMs = undefined;

/** Throws if the installed SDK is not the one that this file knows. */
export function loadInternals(): Internals {
  const require = createRequire(import.meta.url);
  const { version } = require('@temporalio/worker/package.json') as { version: string };
  if (version !== knownSdkVersion)
    throw new Error(
      `the simulation knows @temporalio/worker ${knownSdkVersion}, found ${version}: check sdk.ts`,
    );
  const { parseWorkflowCode } = require('@temporalio/worker/lib/worker.js') as Partial<Internals>;
  const { ReusableVMWorkflowCreator } =
    require('@temporalio/worker/lib/workflow/reusable-vm.js') as Partial<Internals>;
  const { globalHandlers } = require('@temporalio/worker/lib/workflow/vm-shared.js') as Partial<Internals>;
  if (
    typeof parseWorkflowCode !== 'function' ||
    typeof ReusableVMWorkflowCreator?.create !== 'function' ||
    typeof globalHandlers?.stopPromiseHook !== 'function'
  )
    throw new Error(
      '@temporalio/worker lacks parseWorkflowCode, ReusableVMWorkflowCreator or globalHandlers: check sdk.ts',
    );
  return { parseWorkflowCode, ReusableVMWorkflowCreator, globalHandlers };
}

export class WorkflowSandbox {
  private constructor(private readonly creator: Creator) {}

  /** `code`: the bundle that workers load. */
  static async load(code: string, activityTypes: string[]): Promise<WorkflowSandbox> {
    const { parseWorkflowCode, ReusableVMWorkflowCreator, globalHandlers } = loadInternals();
    const bundle = parseWorkflowCode(code);
    const creator = await ReusableVMWorkflowCreator.create(bundle, taskTimeoutMs, new Set(activityTypes));
    globalHandlers.stopPromiseHook();
    return new WorkflowSandbox(creator);
  }

  /** `seed`: 8 bytes, of which the workflow's random numbers come. */
  async start(info: WorkflowInfo, seed: number[], nowMs: number): Promise<SandboxedRun> {
    const options = { info, randomnessSeed: seed, now: nowMs, showStackTraceSources: false };
    const run = await this.creator.createWorkflow(options);
    return {
      // The sandbox reads which variant a job is, which plain objects do not say.
      activate: (activation) => run.activate(WorkflowActivation.fromObject(activation)),
      dispose: () => run.dispose(),
    };
  }

  close(): Promise<void> {
    return this.creator.destroy();
  }
}
