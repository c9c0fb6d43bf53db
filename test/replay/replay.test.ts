import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/workflow-bundle.js';
import { scenarios } from './scenarios.js';

const folder = new URL('./histories/', import.meta.url);

interface StoredEvent {
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}

interface StoredHistory {
  events: StoredEvent[];
}

describe('stored histories', () => {
  it('stored histories: one for every scenario -> complete', () => {
    const files = readdirSync(folder).sort();
    assert.deepEqual(
      files,
      scenarios()
        .map(({ name }) => `${name}.json`)
        .sort(),
    );
  });

  it('stored histories: current workflow code -> all replay', async () => {
    const names = scenarios().map(({ name }) => name);
    const replayed: string[] = [];
    for await (const { workflowId, error } of await replay(
      names.map((name) => ({ name, history: read(name) })),
    )) {
      assert.equal(error, undefined, `${workflowId}: ${error?.message}`);
      replayed.push(workflowId);
    }
    assert.deepEqual(replayed.sort(), [...names].sort());
  });

  it('stored history with another activity: current workflow code -> determinism violation', async () => {
    const name = 'rolled-back-by-a-guardrail';
    const history = read(name);
    for (const { activityTaskScheduledEventAttributes: scheduled } of history.events) {
      if (scheduled?.activityType.name === 'setWeights') scheduled.activityType.name = 'deleteEndpoint';
    }
    const errors: unknown[] = [];
    for await (const { error } of await replay([{ name, history }])) errors.push(error);
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof DeterminismViolationError);
  });
});

async function replay(stored: { name: string; history: StoredHistory }[]) {
  const histories = stored.map(({ name, history }) => ({ workflowId: name, history }));
  return Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories);
}

function read(name: string): StoredHistory {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as StoredHistory;
}
