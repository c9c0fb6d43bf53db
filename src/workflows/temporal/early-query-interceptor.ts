/**
 * Fails a workflow task once if a query was answered ahead of it, so that the workflow replays from the beginning
 * (docs/adr/0018-query-before-task.md). Bundled as an interceptor of the workflow runtime.
 */
import type { coresdk } from '@temporalio/proto';
import type {
  ActivateInput,
  Next,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
} from '@temporalio/workflow';

type Activation = coresdk.workflow_activation.IWorkflowActivation;

/** The SDK's id of a query that arrives without a workflow task. */
const legacyQueryId = 'legacy_query';

export class EarlyQueryInterceptor implements WorkflowInternalsInterceptor {
  private task: string | null = null;
  /** The last activation belonged to the same task as the one before it. */
  private hasReplayedAhead = false;
  private wasQueriedAhead = false;

  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    const { activation, batchIndex } = input;
    // The SDK can split an activation into batches.
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
    // An error that is no TemporalFailure fails the task, not the workflow. The server retries it at once, from the
    // beginning.
    if (this.wasQueriedAhead)
      throw new Error(
        'a query was answered before this workflow task; the task is retried from the beginning',
      );
    const task = taskOf(activation);
    this.hasReplayedAhead = task === this.task;
    this.task = task;
  }
}

/** Start of the task and history size: they differ for every task. */
function taskOf({ timestamp, historySizeBytes }: Activation): string {
  return [timestamp?.seconds, timestamp?.nanos, historySizeBytes].join(' ');
}

export function interceptors(): WorkflowInterceptors {
  return { internals: [new EarlyQueryInterceptor()] };
}
