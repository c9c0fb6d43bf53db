import assert from 'node:assert/strict';
import type { RolloutRecord } from '../../../src/client.js';
import type { CodeChanges } from '../../../src/cli/iac/code-changes.js';
import type { InitialEndpoint } from '../../../src/activities/interface/endpoint.js';
import type { VariantScaling } from '../../../src/activities/interface/scaling.js';
import { planWith } from '../../plan/specs.js';
import { connectTo, penstock, resultOf } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const plan = planWith({ serve: { variantNames: 'perRollout' } });
const scaling = { minCapacity: 1, maxCapacity: 4, policies: [], scheduledActions: [], tags: {} };
const live: InitialEndpoint = {
  kind: 'live',
  ...{ configName: 'digits-config', madeBy: null, settings: { ProductionVariants: [] } },
  ...{ variantName: 'AllTraffic', modelName: 'digits-1', instanceType: 'ml.m5.large', count: 2 },
  scaling: scaling as unknown as VariantScaling,
  ...{ tags: { endpoint: {}, config: {}, model: {} }, network: {} },
};
const promoted: RolloutRecord = {
  ...{ execution: 'completed', plan, starting: live },
  result: resultOf({
    ...{ rolloutId: plan.rolloutId, serving: 'digits-2' },
    unused: ['endpoint config digits-config'],
  }),
};
const rolledBack: RolloutRecord = { ...promoted, result: resultOf({ outcome: 'rolledBack' }) };

function statusOf(latest: RolloutRecord, earlier: RolloutRecord | null, ...flags: string[]) {
  const client = {
    record: () => Promise.resolve(latest),
    recordOfPromotion: () => Promise.resolve(earlier),
  };
  return penstock(['status', 'digits', '--iac', ...flags], connectTo(client));
}

describe('penstock status --iac', () => {
  it('penstock status --iac: promoted under another name on an autoscaled endpoint -> changes, owners and code', async () => {
    const { exitCode, stdout, stderr } = await statusOf(promoted, null);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assertSnapshot('status-iac', stdout);
  });

  it('penstock status --iac: a later rollout was rolled back -> the last promotion counts', async () => {
    assert.equal((await statusOf(rolledBack, promoted)).stdout, (await statusOf(promoted, null)).stdout);
  });

  it('penstock status --iac: default names, the variant keeps its name -> its scalable target stays in the code', async () => {
    const { stdout } = await statusOf({ ...promoted, plan: planWith({}) }, null);
    assertSnapshot('status-iac-stable', stdout);
    assert.match(
      stdout,
      /scalable target endpoint\/digits\/variant\/AllTraffic +your code +its variant keeps its name/,
    );
    assert.doesNotMatch(stdout, /removed|Remove|DeletionPolicy: Retain, deploy/);
  });

  it('penstock status --iac: endpoint that the rollout made -> a block that imports it', async () => {
    const made = { ...promoted, starting: { kind: 'absent' } } as RolloutRecord;
    // A block on one line can have only one argument:
    // https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
    assert.match(
      (await statusOf(made, null)).stdout,
      /import \{\n +to = aws_sagemaker_endpoint.this\n +id = "digits"\n +\}/,
    );
  });

  it('penstock status --iac --json: endpoint that the rollout made -> no values before', async () => {
    const made = { ...promoted, starting: { kind: 'absent' } } as RolloutRecord;
    const { changes, owners } = JSON.parse((await statusOf(made, null, '--json')).stdout) as CodeChanges;
    assert.ok(changes.every(({ before }) => before === null));
    assert.equal(owners[0]?.owner, 'penstock');
  });

  it('penstock status --iac: the baseline could not be retired -> the config with both variants', async () => {
    const leftovers = ['variant AllTraffic of endpoint digits'];
    const kept = { ...promoted, result: resultOf({ serving: 'digits-2', leftovers }) };
    const { changes } = JSON.parse((await statusOf(kept, null, '--json')).stdout) as CodeChanges;
    assert.equal(changes[0]?.after, `${plan.rolloutId}-ab`);
  });

  const rejected: [condition: string, latest: RolloutRecord, message: RegExp][] = [
    [
      'rollout is running',
      { ...promoted, execution: 'running', result: null },
      /its rollout is running; ask/,
    ],
    ['nothing was promoted', rolledBack, /Temporal has no promotion of it/],
    [
      'rollback failed',
      { ...promoted, result: resultOf({ outcome: 'rollbackFailed' }) },
      /unknown state; restore the endpoint first/,
    ],
  ];
  for (const [condition, latest, message] of rejected)
    it(`penstock status --iac: ${condition} -> rejected with the reason`, async () => {
      const { exitCode, stderr } = await statusOf(latest, null);
      assert.equal(exitCode, 1);
      assert.match(stderr, message);
    });
});
