/** Rollouts of the waves. Each is a child workflow that accepts the same commands as any other rollout. */
import {
  ChildWorkflowFailure,
  WorkflowExecutionAlreadyStartedError,
  type SignalDefinition,
} from '@temporalio/common';
import {
  ParentClosePolicy,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
  type Workflow,
} from '@temporalio/workflow';
import type { SpecInWaves } from '../../plan/waves/waves.js';
import { attributes, resultInFailure, workflowType, type Command, type RolloutResult } from '../messages.js';
import type { WavesControl } from './control.js';
import type { WaveRollout } from './messages.js';
import type { WavesState } from './state.js';

type RolloutWorkflow = (spec: SpecInWaves) => Promise<RolloutResult>;

export class ChildRollouts {
  private readonly handles = new Map<string, ChildWorkflowHandle<Workflow>>();

  constructor(
    private readonly state: WavesState,
    private readonly control: WavesControl,
  ) {}

  /** Waits for the start of the rollout. */
  async begin(rollout: WaveRollout): Promise<void> {
    const { state, control } = this;
    state.recordRollout(rollout, { state: 'running', reason: '' });
    try {
      const handle = await this.start(rollout);
      this.handles.set(rollout.endpoint, handle);
      void this.follow(rollout, handle);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      state.recordRollout(rollout, {
        state: 'notStarted',
        reason: `another rollout of ${rollout.endpoint} is running`,
      });
      control.countFailures();
    }
  }

  /** A rollout that has just ended does not get the signal. Its result says how it ended. */
  async send(rollout: WaveRollout, signal: SignalDefinition<[Command]>, command: Command): Promise<void> {
    const handle = this.handles.get(rollout.endpoint);
    if (!handle) return;
    try {
      await handle.signal(signal, command);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.state.addTimelineEntry({
        kind: 'decision',
        message: `could not send ${signal.name} to ${rollout.endpoint}: ${why}`,
      });
    }
  }

  /** ABANDON: if the waves are terminated, their rollouts keep running and accept commands. */
  private start(rollout: WaveRollout): Promise<ChildWorkflowHandle<RolloutWorkflow>> {
    const { endpoint, workflowId, wave } = rollout;
    const { plan, name, chosen } = this.state;
    const taskQueue = plan.waves[wave - 1]?.taskQueue ?? null;
    const { memo, workflowId: wavesId, runId } = workflowInfo();
    return startChild<RolloutWorkflow>(workflowType, {
      workflowId,
      args: [
        {
          ...{ endpoint, specIn: { workflowId: wavesId, runId } },
          ...(chosen === null ? {} : { version: chosen.arn }),
        },
      ],
      ...(taskQueue === null ? {} : { taskQueue }),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      memo: { startedBy: memo?.['startedBy'] ?? `waves:${name}` },
      typedSearchAttributes: [{ key: attributes.endpoint, value: endpoint }],
      staticSummary: `${endpoint}: ${plan.strategy}, wave ${wave} of ${name}`.slice(0, 190),
    });
  }

  private async follow(rollout: WaveRollout, handle: ChildWorkflowHandle<RolloutWorkflow>): Promise<void> {
    this.state.recordRollout(rollout, await endOf(handle));
    this.control.countFailures();
  }
}

async function endOf(handle: ChildWorkflowHandle<RolloutWorkflow>): Promise<Partial<WaveRollout>> {
  try {
    const { outcome, reason, serving } = await handle.result();
    return { state: 'ended', outcome, reason, serving };
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    const failed = resultInFailure(error.cause);
    if (failed)
      return { state: 'ended', outcome: failed.outcome, reason: failed.reason, serving: failed.serving };
    return { state: 'terminated', reason: error.cause?.message ?? error.message };
  }
}
