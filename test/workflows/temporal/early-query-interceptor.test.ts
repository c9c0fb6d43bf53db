import assert from 'node:assert/strict';
import type { coresdk } from '@temporalio/proto';
import { EarlyQueryInterceptor } from '../../../src/workflows/temporal/early-query-interceptor.js';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;

const query = (queryId: string): Job => ({ queryWorkflow: { queryId } });
const result: Job = { resolveActivity: {} };
const update: Job = { doUpdate: {} };

/** One rollout on a worker. `begun`: start of the task in seconds. */
function startRuntime() {
  const runtime = new EarlyQueryInterceptor();
  let handled = 0;
  return {
    handle(begun: number, jobs: Job[], batchIndex = 0): void {
      const timestamp = { seconds: begun as never, nanos: 0 };
      const activation = { timestamp, historySizeBytes: (begun * 100) as never, jobs };
      runtime.activate({ activation, batchIndex }, () => (handled += 1));
    },
    get handled() {
      return handled;
    },
  };
}

describe('early query interceptor', () => {
  it('early query interceptor: a query between two tasks -> the next task succeeds', () => {
    const rollout = startRuntime();
    rollout.handle(1, [result]);
    rollout.handle(1, [query('legacy_query')]);
    rollout.handle(2, [result]);
    assert.equal(rollout.handled, 3);
  });

  it('early query interceptor: a query with a task -> the next task succeeds', () => {
    const rollout = startRuntime();
    rollout.handle(1, [result]);
    rollout.handle(1, [query('1')]);
    rollout.handle(2, [result, query('2')]);
    rollout.handle(3, [update]);
    assert.equal(rollout.handled, 4);
  });

  it('early query interceptor: a query ahead of its task -> answers it, then fails that task once', () => {
    const rollout = startRuntime();
    rollout.handle(1, [result]);
    rollout.handle(1, [result]);
    rollout.handle(1, [query('legacy_query')]);
    assert.throws(() => rollout.handle(2, [update]), /retried from the beginning/);
    assert.equal(rollout.handled, 3);
  });

  it('early query interceptor: a query after a task in two batches -> the next task succeeds', () => {
    const rollout = startRuntime();
    rollout.handle(1, [update], 0);
    rollout.handle(1, [result], 1);
    rollout.handle(1, [query('legacy_query')]);
    rollout.handle(2, [result]);
    assert.equal(rollout.handled, 4);
  });
});
