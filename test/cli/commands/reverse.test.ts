import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RolloutRecord } from '../../../src/client.js';
import { planWith } from '../../plan/specs.js';
import { connectTo, penstock, resultOf } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const plan = planWith({
  validate: { golden: [{ body: { pixels: [0, 1] }, expect: { digit: 7 } }] },
  guardrails: [
    { alarm: 'digits-5xx' },
    { metric: 'errorRate', below: '1%', minimumRequests: 500 },
    { metric: 'click rate', above: '2%', source: { namespace: 'Shop', name: 'Clicks', per: 'Views' } },
  ],
  gates: [{ before: 'traffic', manual: true }],
});

const promoted: RolloutRecord = {
  execution: 'completed',
  plan,
  starting: {
    kind: 'live',
    configName: 'digits-config',
    madeBy: null,
    settings: { ProductionVariants: [] },
    variantName: 'AllTraffic',
    modelName: 'digits-1',
    instanceType: 'ml.m5.large',
    count: 2,
    scaling: null,
    tags: { endpoint: {}, config: {}, model: {} },
    network: {},
  },
  result: resultOf({ rolloutId: plan.rolloutId, serving: 'digits-2' }),
};

/** `earlier`: the last promoted rollout, if `latest` is not. */
function reverseAfter(latest: RolloutRecord, earlier: RolloutRecord | null, ...flags: string[]) {
  const client = {
    record: () => Promise.resolve(latest),
    recordOfPromotion: () => Promise.resolve(earlier),
  };
  return penstock(['reverse', 'digits', ...flags], connectTo(client));
}

function reverse(record: RolloutRecord, ...flags: string[]) {
  return reverseAfter(record, null, ...flags);
}

describe('penstock reverse', () => {
  it('penstock reverse: promoted rollout -> a spec that rolls back, and its origin', async () => {
    const { exitCode, stdout, stderr } = await reverse(promoted);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assertSnapshot('reverse', stdout);
  });

  for (const strategy of ['standard', 'canary']) {
    it(`penstock reverse: strategy ${strategy} -> a spec that penstock lint accepts`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'penstock-test-'));
      try {
        const file = join(folder, 'back.yaml');
        writeFileSync(file, (await reverse(promoted, '--strategy', strategy)).stdout);
        assert.equal((await penstock(['lint', file])).exitCode, 0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('penstock reverse: --json -> only the spec', async () => {
    const { stdout } = await reverse(promoted, '--json');
    const { models } = JSON.parse(stdout) as { models: unknown };
    assert.deepEqual(models, { baseline: 'live', candidate: { model: 'digits-1' } });
  });

  it('penstock reverse: the rollout deployed its own baseline -> rolls back to that model', async () => {
    const made = planWith({
      models: { baseline: { model: 'digits-0' }, candidate: { model: 'digits-2' } },
      serve: { instance: 'ml.m5.large', count: 2 },
    });
    const { stdout } = await reverse({ ...promoted, plan: made, starting: { kind: 'absent' } });
    assert.match(stdout, /candidate:\n +model: digits-0\n/);
  });

  const later: [string, RolloutRecord, RegExp][] = [
    [
      'failed',
      {
        ...promoted,
        plan: null,
        result: resultOf({ outcome: 'failed', endedAt: '2026-11-24T08:00:00.000Z' }),
      },
      /^# A later rollout, which ended 2026-11-24T08:00:00\.000Z, promoted nothing: failed\.$/m,
    ],
    [
      'could not roll back',
      { ...promoted, result: resultOf({ outcome: 'rollbackFailed' }) },
      /^# A later rollout left the endpoint in an unknown state\. Check its model/m,
    ],
    [
      'was terminated',
      { ...promoted, execution: 'terminated', result: null },
      /^# A later rollout left the endpoint in an unknown state\. Check its model/m,
    ],
  ];
  for (const [state, latest, note] of later)
    it(`penstock reverse: a later rollout ${state} -> rolls back the promoted one, with a note`, async () => {
      const { exitCode, stdout } = await reverseAfter(latest, promoted);
      assert.equal(exitCode, 0);
      assert.match(stdout, /candidate:\n +model: digits-1\n/);
      assert.match(stdout, note);
    });

  const first = planWith({
    models: { candidate: { model: 'digits-2' } },
    serve: { instance: 'ml.m5.large', count: 2 },
  });
  const rejections: [string, RolloutRecord, RegExp][] = [
    [
      'is still running',
      { ...promoted, execution: 'running', result: null },
      /is running; roll back with `penstock abort digits`.*penstock undo digits/,
    ],
    [
      'ended abnormally',
      { ...promoted, execution: 'terminated', result: null },
      /no promoted rollout of it: the last one ended abnormally/,
    ],
    [
      'was rolled back',
      { ...promoted, result: resultOf({ outcome: 'rolledBack' }) },
      /no promoted rollout of it: the last one ended rolledBack/,
    ],
    ['was the first', { ...promoted, plan: first, starting: { kind: 'absent' } }, /names no previous model/],
    ['has no plan in its history', { ...promoted, plan: null }, /names no previous model/],
  ];
  for (const [state, record, expected] of rejections) {
    it(`penstock reverse: the last rollout ${state} -> rejected with the reason`, async () => {
      const { exitCode, stdout, stderr } = await reverse(record);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.match(stderr, /^Cannot reverse digits: /);
      assert.match(stderr, expected);
    });
  }
});
