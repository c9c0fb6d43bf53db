/** The updates of a run: requests that wait for the workflow's answer. */
import type { coresdk } from '@temporalio/proto';
import type { Payload } from '@temporalio/common';
import { EventType, longOf } from './history.js';
import type { FailureProto } from './payloads.js';
import type { RunCore } from './run-core.js';

export type UpdateOutcome = { result: Payload } | { failure: FailureProto; wasAccepted: boolean };

interface PendingUpdate {
  name: string;
  args: Payload[];
  settled: (outcome: UpdateOutcome) => void;
  acceptedEventId: number | null;
}

const lostWithTheRun: FailureProto = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};

export class RunUpdates {
  private readonly updates = new Map<string, PendingUpdate>();

  constructor(private readonly run: RunCore) {}

  add(id: string, update: Omit<PendingUpdate, 'acceptedEventId'>): void {
    this.updates.set(id, { ...update, acceptedEventId: null });
  }

  /** The answers that a server gives: https://github.com/temporalio/temporal/pull/6630 */
  close(): void {
    for (const { settled, acceptedEventId } of this.updates.values()) {
      const wasAccepted = acceptedEventId !== null;
      const failure = wasAccepted ? lostWithTheRun : { message: 'workflow execution already completed' };
      settled({ failure, wasAccepted });
    }
    this.updates.clear();
  }

  answer(
    { protocolInstanceId, accepted, rejected, completed }: coresdk.workflow_commands.IUpdateResponse,
    scheduledEventId: number,
  ): void {
    const id = protocolInstanceId ?? '';
    const update = this.updates.get(id);
    if (!update) throw new Error(`the workflow answers an update ${id} that is not there`);
    if (accepted) {
      update.acceptedEventId = this.run.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        workflowExecutionUpdateAcceptedEventAttributes: {
          protocolInstanceId: id,
          acceptedRequestMessageId: `${id}/request`,
          acceptedRequestSequencingEventId: longOf(scheduledEventId),
          acceptedRequest: {
            meta: { updateId: id, identity: 'simulation' },
            input: { name: update.name, args: { payloads: update.args } },
          },
        },
      });
      return;
    }
    this.updates.delete(id);
    const { acceptedEventId } = update;
    if (acceptedEventId !== null) {
      this.run.add({
        eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        workflowExecutionUpdateCompletedEventAttributes: {
          meta: { updateId: id, identity: 'simulation' },
          acceptedEventId: longOf(acceptedEventId),
          outcome: completed ? { success: { payloads: [completed] } } : { failure: rejected ?? {} },
        },
      });
    }
    if (completed) update.settled({ result: completed });
    else update.settled({ failure: rejected ?? {}, wasAccepted: acceptedEventId !== null });
  }
}
