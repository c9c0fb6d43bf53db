/**
 * A rollout that was asked ahead of its task is not gone on with, but played again from its beginning
 * (docs/adr/0018-asked-ahead.md). Bundled as an interceptor of the workflow runtime.
 */
import type { coresdk } from '@temporalio/proto';
import type {
  ActivateInput,
  Next,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
} from '@temporalio/workflow';

type Activation = coresdk.workflow_activation.IWorkflowActivation;

/** The SDK's name for a query that comes by itself, and not with a task. */
const legacyQueryId = 'legacy_query';

export class EarlyQueryInterceptor implements WorkflowInternalsInterceptor {
  private task: string | null = null;
  /** What was handled last came without a task of its own. */
  private hasReplayedAhead = false;
  private wasQueriedAhead = false;

  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    const { activation, batchIndex } = input;
    // What an activation brings may be handled in parts.
    if (batchIndex === 0) this.inspect(activation);
    next(input);
  }

  private inspect(activation: Activation): void {
    const jobs = activation.jobs ?? [];
    const queries = jobs.flatMap(({ queryWorkflow }) => queryWorkflow ?? []);
    if (queries.length === jobs.length) {
      this.wasQueriedAhead ||=
        this.hasReplayedAhead && queries.some(({ queryId }) => queryId === legacyQueryId);
      return;
    }
    // A failed task is tried again at once, by a workflow that begins anew. No failure of the rollout: that is no TemporalFailure.
    if (this.wasQueriedAhead)
      throw new Error('it was asked ahead of this task, so it is played again from its beginning');
    const task = taskOf(activation);
    this.hasReplayedAhead = task === this.task;
    this.task = task;
  }
}

/** When the task began, and how long the history was then: a further task differs. */
function taskOf({ timestamp, historySizeBytes }: Activation): string {
  return [timestamp?.seconds, timestamp?.nanos, historySizeBytes].join(' ');
}

export function interceptors(): WorkflowInterceptors {
  return { internals: [new EarlyQueryInterceptor()] };
}
