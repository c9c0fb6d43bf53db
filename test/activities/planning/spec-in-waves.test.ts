import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { dataConverter, encodeAll } from '../../../src/simulation/temporal/payloads.js';
import { smallest } from '../../plan/specs.js';
import { codecOf, newKey } from '../../security/payloads.js';
import { failureOf } from '../activity-environment.js';

const { apiVersion, models, strategy } = smallest;
const waves = {
  ...{ apiVersion, models, strategy, name: 'everywhere', waves: [['digits-eu'], ['digits-us']] },
  guardrails: [{ alarm: '{endpoint}-5xx' }],
};
const execution = { workflowId: 'waves:everywhere', runId: '0192-waves' };
const identity = { workflowId: 'rollout:digits-us', runId: '0192-run' };

/** Compiles the rollout of `digits-us` with a client that reads histories like this. */
function compile(
  read: (request: object) => Promise<unknown>,
  loadedDataConverter = dataConverter,
  chosen: { version?: string } = {},
): Promise<Plan> {
  const workflow = {
    options: { namespace: 'shop', loadedDataConverter },
    workflowService: { getWorkflowExecutionHistory: read },
  };
  const client = { workflow, withAbortSignal: (_: AbortSignal, call: () => unknown) => call() };
  const environment = new MockActivityEnvironment({}, { client: client as unknown as Client });
  const spec = { endpoint: 'digits-us', specIn: execution, ...chosen };
  return environment.run(createCompileRollout(), { spec, ...identity });
}

function startedWith(...args: unknown[]) {
  return historyOf(encodeAll(args));
}

function historyOf(payloads: Payload[]) {
  return Promise.resolve({
    history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }] },
  });
}

describe('compileRollout in waves', () => {
  it('compileRollout: spec in the history of waves -> the plan of its endpoint, only the first page is read', async () => {
    const requests: object[] = [];
    const plan = await compile((request) => {
      requests.push(request);
      return startedWith(waves);
    });
    assert.equal(plan.endpoint, 'digits-us');
    assert.deepEqual(
      plan.guardrails.map((each) => each.kind === 'alarm' && each.alarmName),
      ['digits-us-5xx'],
    );
    assert.deepEqual(requests, [{ namespace: 'shop', execution, maximumPageSize: 1 }]);
  });

  it('compileRollout: version that the waves have chosen -> the plan has it, whatever the group has now', async () => {
    const role = 'arn:aws:iam::123456789012:role/serve';
    const settings = { PrimaryContainer: { Environment: { LEVEL: 'info' } } };
    const candidate = { group: 'digits', approved: 'newest', role, settings };
    const arn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/3';
    const plan = await compile(
      () => startedWith({ ...waves, models: { baseline: 'live', candidate } }),
      dataConverter,
      { version: arn },
    );
    const modelName = `${plan.rolloutId}-b`;
    assert.deepEqual(plan.models.candidate, { kind: 'package', arn, role, modelName, settings });
  });

  it('compileRollout: encrypted spec of waves -> read with the key of the worker', async () => {
    const codec = codecOf(`2026-11:${newKey()}`);
    const sealed = await codec.encode(encodeAll([waves]));
    const plan = await compile(() => historyOf(sealed), { ...dataConverter, payloadCodecs: [codec] });
    assert.equal(plan.endpoint, 'digits-us');
  });

  it('compileRollout: history of the waves is deleted -> non-retryable InvalidSpec', async () => {
    const missing = Object.assign(new Error('5 NOT_FOUND: workflow not found'), { code: 5 });
    await assert.rejects(
      compile(() => Promise.reject(missing)),
      (error) => {
        assert.ok(failureOf('InvalidSpec', /history of waves:everywhere: .*; start the rollout/)(error));
        return (error as { nonRetryable?: boolean }).nonRetryable === true;
      },
    );
  });

  it('compileRollout: Temporal is unavailable -> retryable', async () => {
    const unavailable = Object.assign(new Error('14 UNAVAILABLE'), { code: 14 });
    await assert.rejects(
      compile(() => Promise.reject(unavailable)),
      (error) => {
        assert.ok(failureOf('Unavailable', /cannot read the spec in the history of waves:everywhere/)(error));
        return (error as { nonRetryable?: boolean }).nonRetryable !== true;
      },
    );
  });

  for (const [what, args] of [
    ['no argument', []],
    ['a spec without waves', [smallest]],
    ['null', [null]],
  ] as const)
    it(`compileRollout: the history named for the spec has ${what} -> non-retryable InvalidSpec`, async () => {
      await assert.rejects(
        compile(() => startedWith(...args)),
        failureOf('InvalidSpec', /cannot use the spec of waves:everywhere: it is not a spec of waves/),
      );
    });
});
