/** The spec of a rollout in waves, from the history of the waves. */
import { cancellationSignal, Context } from '@temporalio/activity';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { rolloutSpecOf, withChosenVersion, type SpecInWaves } from '../../plan/waves/waves.js';
import { nonRetryableFailure, retryableFailure } from '../temporal/failures.js';

/** Source: https://grpc.io/docs/guides/status-codes/ */
const notFound = 5;

/**
 * Reads with the worker's own client. The result is not validated. Fails: InvalidSpec if Temporal no longer has that
 * history, or if it is not one of waves; Unavailable.
 */
export async function readSpecInWaves({ endpoint, specIn, version }: SpecInWaves): Promise<unknown> {
  const spec = await readArgument(specIn);
  if (typeof spec !== 'object' || spec === null || !('waves' in spec))
    throw nonRetryableFailure(
      'InvalidSpec',
      `cannot use the spec of ${specIn.workflowId}: it is not a spec of waves; start the rollout with its own spec`,
    );
  const own = rolloutSpecOf(spec, endpoint);
  return version === undefined ? own : withChosenVersion(own, version);
}

/** The first argument of a run. */
async function readArgument(execution: SpecInWaves['specIn']): Promise<unknown> {
  const { workflow } = Context.current().client;
  const { namespace, loadedDataConverter } = workflow.options;
  const history = await fromTemporal(execution.workflowId, async () => {
    // Pages of one batch of events: the first one has the argument, and the rest can be long.
    const page = { namespace, execution, maximumPageSize: 1 };
    return (await workflow.workflowService.getWorkflowExecutionHistory(page)).history;
  });
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  return input ? decodeFromPayloadsAtIndex(loadedDataConverter, 0, input) : undefined;
}

async function fromTemporal<T>(workflowId: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    // The cancellation of an activity also cancels its client.
    if (cancellationSignal().aborted) return await Context.current().cancelled;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot read the spec in the history of ${workflowId}: ${reason}`;
    if ((cause as { code?: unknown }).code === notFound)
      throw nonRetryableFailure('InvalidSpec', `${message}; start the rollout with its own spec`, cause);
    throw retryableFailure('Unavailable', message, { cause });
  }
}
