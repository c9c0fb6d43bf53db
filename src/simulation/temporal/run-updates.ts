/** The updates of a run: requests that wait for the workflow's answer. */
import type { coresdk } from '@temporalio/proto';
import type { Payload } from '@temporalio/common';
import { EventType, longOf } from './history.js';
import type { FailureProto } from './payloads.js';
import type { RunCore } from './run-core.js';

export type UpdateOutcome = { result: Payload } | { failure: FailureProto; wasAccepted: boolean };

type Settled = (outcome: UpdateOutcome) => void;

interface RunUpdate {
  name: string;
  args: Payload[];
  settled: Settled[];
  acceptedEventId: number | null;
  /** Null before the answer. */
  outcome: UpdateOutcome | null;
}

const lostWithTheRun: FailureProto = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};

export class RunUpdates {
  /** Rejected ones are forgotten, as on a server. */
  private readonly updates = new Map<string, RunUpdate>();

  constructor(private readonly run: RunCore) {}

  has(id: string): boolean {
    return this.updates.has(id);
  }

  add(id: string, { settled, ...request }: { name: string; args: Payload[]; settled: Settled }): void {
    this.updates.set(id, { ...request, settled: [settled], acceptedEventId: null, outcome: null });
  }

  /** A client sends an update again that the run has. */
  join(id: string, settled: Settled): void {
    const update = this.updateOf(id);
    if (update.outcome) settled(update.outcome);
    else update.settled.push(settled);
  }

  /** The answers that a server gives: https://github.com/temporalio/temporal/pull/6630 */
  close(): void {
    for (const update of this.updates.values()) {
      if (update.outcome) continue;
      const wasAccepted = update.acceptedEventId !== null;
      const failure = wasAccepted ? lostWithTheRun : { message: 'workflow execution already completed' };
      settle(update, { failure, wasAccepted });
    }
  }

  /** `sequencingEventId`: the event after which the workflow got the update. */
  answer(
    { protocolInstanceId, accepted, rejected, completed }: coresdk.workflow_commands.IUpdateResponse,
    sequencingEventId: number,
  ): void {
    const id = protocolInstanceId ?? '';
    const update = this.updateOf(id);
    if (accepted) {
      update.acceptedEventId = this.run.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        workflowExecutionUpdateAcceptedEventAttributes: {
          protocolInstanceId: id,
          acceptedRequestMessageId: `${id}/request`,
          acceptedRequestSequencingEventId: longOf(sequencingEventId),
          acceptedRequest: {
            meta: { updateId: id, identity: 'simulation' },
            input: { name: update.name, args: { payloads: update.args } },
          },
        },
      });
      return;
    }
    const { acceptedEventId } = update;
    if (acceptedEventId === null) {
      this.updates.delete(id);
      return settle(update, { failure: rejected ?? {}, wasAccepted: false });
    }
    this.run.add({
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
      workflowExecutionUpdateCompletedEventAttributes: {
        meta: { updateId: id, identity: 'simulation' },
        acceptedEventId: longOf(acceptedEventId),
        outcome: completed ? { success: { payloads: [completed] } } : { failure: rejected ?? {} },
      },
    });
    settle(update, completed ? { result: completed } : { failure: rejected ?? {}, wasAccepted: true });
  }

  private updateOf(id: string): RunUpdate {
    const update = this.updates.get(id);
    if (!update) throw new Error(`the run has no update ${id}`);
    return update;
  }
}

function settle(update: RunUpdate, outcome: UpdateOutcome): void {
  update.outcome = outcome;
  for (const settled of update.settled.splice(0)) settled(outcome);
}
