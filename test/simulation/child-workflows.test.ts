import assert from 'node:assert/strict';
import { EventType } from '../../src/simulation/temporal/history.js';
import { workflowIdOf } from '../../src/workflows/messages.js';
import { shortRunsBundle } from '../workflows/run/frequent-continue-as-new.js';
import { watchingWorld } from '../workflows/run/watching-world.js';
import { Fleet } from '../workflows/waves/fleet.js';
import { inWaves } from '../workflows/waves/waves-harness.js';

describe('child workflows in a simulation', () => {
  it('child workflow: continues as new -> the parent gets the result of the last run', async () => {
    const fleet = new Fleet({ eu: watchingWorld({}, 60) });
    await inWaves(
      fleet,
      [['eu']],
      {},
      async (running) => {
        const { outcome, rollouts } = await running.result();
        const runs = running.temporal.runsOf(workflowIdOf(fleet.endpoint('eu')));
        assert.ok(runs.length > 1, 'only one run');
        assert.equal(outcome, 'promoted', rollouts[0]?.reason);
        const { events } = running.temporal.latest(running.handle.workflowId).history;
        const ended = events.filter(
          ({ eventType }) => eventType === EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
        );
        assert.deepEqual(
          ended.map(
            (event) => event.childWorkflowExecutionCompletedEventAttributes?.workflowExecution?.runId,
          ),
          [runs.at(-1)?.options.runId],
        );
      },
      shortRunsBundle(),
    );
  });

  it('child workflow: started -> its event has the summary and the policy of the command', async () => {
    const fleet = new Fleet({ eu: watchingWorld({}, 60) });
    await inWaves(fleet, [['eu']], {}, async (running) => {
      await running.result();
      const { events } = running.temporal.latest(running.handle.workflowId).history;
      const initiated = events.find((event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
      const summary = Buffer.from(initiated?.userMetadata?.summary?.data ?? []).toString();
      assert.match(summary, /eu-.*: canary, wave 1 of all-/);
      const { parentClosePolicy } = initiated?.startChildWorkflowExecutionInitiatedEventAttributes ?? {};
      assert.equal(parentClosePolicy, 2, 'ABANDON');
    });
  });
});
