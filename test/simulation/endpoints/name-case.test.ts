/** The name of an endpoint keeps its case: requests and metrics know the endpoint by it. */
import assert from 'node:assert/strict';
import { statusQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { rolloutResult } from '../../support/rollout-result.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';

const name = 'Ranker-Prod';
/** In lower case, as the lock of the endpoint. */
const workflowId = 'rollout:ranker-prod';

const spec = (endpoint: string, fields: object = {}) =>
  specOf(endpoint, {
    models: { baseline: 'live', candidate: { model: `${name}-2` } },
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

describe('case of names', () => {
  it('endpoint in mixed case: rollout with validation and guardrail -> validated, judged, promoted', async () => {
    const simulation = await openWithEndpoint(name);
    const { emulator, temporal } = simulation;
    const validate = { smoke: [{ body: { user: 1 } }] };
    simulation.startRollout(spec(name, { validate }));
    const result = await rolloutResult(temporal.handle(workflowId).result());
    assert.deepEqual([result.outcome, result.endpoint], ['promoted', name]);
    const { verdicts, endpoint } = await temporal.handle(workflowId).query(statusQuery);
    assert.equal(endpoint, name);
    assert.deepEqual(
      verdicts.map(({ result }) => result),
      ['pass'],
    );
    assert.equal((await emulator.observe(name))?.variants.length, 1);
    await simulation.close();
  });

  it('spec in another case than the endpoint -> refused with the name in its case', async () => {
    const simulation = await openWithEndpoint(name);
    simulation.startRollout(spec('ranker-prod'));
    const { outcome, reason } = await rolloutResult(simulation.temporal.handle(workflowId).result());
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'the name of endpoint churn is X; write it in that case');
    assert.match(reason, /the name of endpoint ranker-prod is Ranker-Prod/);
    await simulation.close();
  });
});
