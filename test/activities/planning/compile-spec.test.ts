import assert from 'node:assert/strict';
import { createCompileRollout } from '../../../src/activities/planning/compile-spec.js';
import { failureOf } from '../activity-environment.js';

const identity = { workflowId: 'rollout:digits', runId: '00000000-0000-0000-0000-000000000001' };

describe('compileRollout', () => {
  it('compileRollout: invalid spec -> non-retryable InvalidSpec with every problem', async () => {
    const compileRollout = createCompileRollout();
    await assert.rejects(compileRollout({ spec: { endpoint: 'x y' }, ...identity }), (error) => {
      assert.ok(failureOf('InvalidSpec', /endpoint[\s\S]*models/)(error), String(error));
      return (error as { nonRetryable?: boolean }).nonRetryable === true;
    });
  });
});
