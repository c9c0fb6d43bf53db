/** A Temporal Schedule that starts rollouts. docs/scheduling.md */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { taskQueue, workflowIdOf, workflowType, type RolloutResult } from '../../src/workflows/messages.js';
import { smallest } from '../plan/specs.js';
import { devServer } from '../support/dev-server.js';
import { FakeActivities } from '../workflows/fake-activities.js';
import { withWorker } from './dev-world.js';

const namespace = 'default';

describe('Temporal Schedule of rollouts', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let client: Client;

  before(async () => {
    client = (await devServer()).client;
  });

  /** Creates a Schedule of the rollout, lets it act once, and returns the id of the workflow. */
  async function scheduled(endpoint: string): Promise<string> {
    const scheduleId = `schedule-${endpoint}`;
    await client.workflowService.createSchedule({
      ...{ namespace, scheduleId, requestId: randomUUID() },
      schedule: {
        action: {
          startWorkflow: {
            workflowId: workflowIdOf(endpoint),
            workflowType: { name: workflowType },
            taskQueue: { name: taskQueue },
            input: { payloads: [defaultPayloadConverter.toPayload({ ...smallest, endpoint })] },
          },
        },
        // The server does not apply it.
        policies: { keepOriginalWorkflowId: true },
      },
    });
    const handle = client.schedule.getHandle(scheduleId);
    await handle.trigger();
    for (;;) {
      const [action] = (await handle.describe()).info.recentActions;
      if (action) {
        await handle.delete();
        return action.action.workflow.workflowId;
      }
      await delay(100);
    }
  }

  it('Schedule: starts a rollout -> it fails at once and names the id to use, also if the Schedule keeps ids', async () => {
    const endpoint = `scheduled-${process.pid}`;
    await withWorker(new FakeActivities(), async () => {
      const workflowId = await scheduled(endpoint);
      assert.match(workflowId, new RegExp(`^rollout:${endpoint}-\\d{4}-.*Z$`));
      const result = (await client.workflow.getHandle(workflowId).result()) as RolloutResult;
      assert.equal(result.outcome, 'failed');
      assert.ok(result.reason.endsWith(`start it under the workflow id rollout:${endpoint}`), result.reason);
    });
  });
});
