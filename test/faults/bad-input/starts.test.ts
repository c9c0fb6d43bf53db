/** Invalid rollouts that are started without Penstock's client. They end immediately, and no activity runs. */
import assert from 'node:assert/strict';
import type { Payload } from '@temporalio/common';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import type { RolloutResult } from '../../../src/workflows/messages.js';
import { smallest } from '../../plan/specs.js';
import { withWorker } from '../../client/dev-world.js';
import { devServer } from '../../support/dev-server.js';
import { FakeActivities } from '../../workflows/fake-activities.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const json = (text: string): Payload => ({ metadata: { encoding: bytes('json/plain') }, data: bytes(text) });
const spec = JSON.stringify(smallest);

const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const tooDeep = /nested too deeply/;
const second = /expected one argument, the spec, got a second one/;
const continued = {
  state: { plan: null },
  compensations: [],
  promotion: null,
  notificationSequence: 0,
  usedProofs: [],
};

const starts: Record<string, { payloads: Payload[]; says: RegExp }> = {
  'a spec of lists, 100,000 deep': { payloads: [json(lists(100_000))], says: tooDeep },
  'a spec of objects, 100,000 deep': { payloads: [json(objects(100_000))], says: tooDeep },
  'a deep value in a valid spec': {
    payloads: [json(`${spec.slice(0, -1)},"x":${lists(200_000)}}`)],
    says: tooDeep,
  },
  'a spec that is too large to carry over to a later run': {
    payloads: [json(`${spec.slice(0, -1)},"x":"${'指'.repeat(550_000)}"}`)],
    says: /It is too large\. Found at its top: 16\d{5} bytes; allowed: at most 1,600,000 bytes of JSON$/,
  },
  'no argument': { payloads: [], says: /apiVersion|object/ },
  'undecodable bytes': {
    payloads: [{ metadata: { encoding: bytes('unknown/encoding') }, data: bytes('x') }],
    says: /apiVersion|unreadable/,
  },
  ...Object.fromEntries(
    [
      '{}',
      '1',
      '"x"',
      '[]',
      JSON.stringify({ ...continued, state: { cursor: 5 } }),
      JSON.stringify({ ...continued, state: { cursor: { step: { kind: 'retirement' } } } }),
      JSON.stringify({ ...continued, state: { timeline: 5, note: 1 } }),
      lists(100_000),
    ].map((text, i) => [
      `a second argument (${i}), ${text.slice(0, 40)}`,
      { payloads: [json(spec), json(text)], says: second },
    ]),
  ),
};

async function start(workflowType: string, workflowId: string, payloads: Payload[]) {
  const { client } = await devServer();
  await client.workflowService.startWorkflowExecution({
    namespace: client.options.namespace,
    requestId: workflowId,
    workflowId,
    workflowType: { name: workflowType },
    taskQueue: { name: 'penstock' },
    input: { payloads },
  });
  return client.workflow.getHandle(workflowId);
}

describe('invalid workflow starts', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let count = 0;

  for (const [name, { payloads, says }] of Object.entries(starts))
    it(`rollout start: ${name} -> failed, no activity runs`, async () => {
      const fake = new FakeActivities();
      const result = await withWorker(
        fake,
        async () => {
          const handle = await start('rollout', `rollout:start-${(count += 1)}`, payloads);
          const result = (await handle.result()) as RolloutResult;
          const { events } = await handle.fetchHistory();
          const failed = events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed) ?? [];
          assert.deepEqual(failed, []);
          return result;
        },
        { compileRollout: createCompileRollout() },
      );
      assert.equal(result.outcome, 'failed');
      assert.match(result.reason, says);
      assert.deepEqual(fake.calls, []);
    });

  it('waves start: spec is 100,000 levels deep -> failed', async () => {
    const result = await withWorker(new FakeActivities(), async () => {
      const handle = await start('rolloutWaves', 'waves:start', [json(objects(100_000))]);
      return (await handle.result()) as { outcome: string; reason: string };
    });
    assert.equal(result.outcome, 'failed');
    assert.match(result.reason, tooDeep);
  });
});
