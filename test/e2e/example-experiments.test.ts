/** The examples that are decided by goals, with their real durations of weeks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { runLongRollout, type LongRollout } from './long-rollout.js';
import type { Published } from './publisher.js';

const serve = { metricsEvery: '300s' };
const requests = 5_000;

function example(file: string): object {
  const text = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8');
  return { ...(parseSpec(text, file).json as object), serve };
}

/** Hourly counts of both models: all requests, and the successful ones. */
function counts(
  namespace: string,
  names: [string, string],
  dimensionsOf: (role: string) => Record<string, string>,
) {
  return (['baseline', 'candidate'] as const).flatMap((role): Published[] => {
    const good = role === 'candidate' ? 300 : 250;
    const dimensions = dimensionsOf(role);
    return [
      { namespace, name: names[0], dimensions, sum: requests },
      { namespace, name: names[1], dimensions, sum: good },
    ];
  });
}

/** Hourly sums by user, of users who send one request each to one process of the switch. */
function byUser(dimensionsOf: (role: string) => Record<string, string>): Published[] {
  return (['baseline', 'candidate'] as const).flatMap((role) => {
    const good = role === 'candidate' ? 300 : 250;
    const sums = {
      ExposuresSquaredByUser: requests,
      ConversionsSquaredByUser: good,
      ExposuresTimesConversionsByUser: good,
      // So large that it stands for one process at any time.
      ExposuresSquaredByProcess: 1e12,
      Users: requests,
      UsersSquaredByProcess: 1e12,
    };
    return Object.entries(sums).map(([name, sum]): Published => {
      return { namespace: 'Penstock/Switch', name, dimensions: dimensionsOf(role), sum };
    });
  });
}

describe('examples that goals decide', function () {
  // Weeks of polls are minutes of computing on a busy machine.
  this.timeout(900_000);

  it('ab-test.yaml: two weeks of better conversions -> promoted after canary, test and rollback window', async () => {
    const rollout: LongRollout = {
      endpoint: 'recommendations',
      candidate: 'recommendations-7',
      fields: example('ab-test.yaml'),
      publishes: (RolloutId) => {
        const dimensionsOf = (Role: string) => ({ EndpointName: 'recommendations', RolloutId, Role });
        return [
          ...counts('Penstock/Switch', ['Exposures', 'Conversions'], dimensionsOf),
          ...byUser(dimensionsOf),
        ];
      },
    };
    const { result, days, timeline } = await runLongRollout(rollout);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(result.serving, 'recommendations-7');
    assert.ok(days >= 17 && days < 21, `${days} days`);
    const shares = timeline.flatMap((entry) =>
      entry.kind === 'weights' ? [entry.weights['candidate']] : [],
    );
    assert.deepEqual(shares, [0, 1, 10, 50, 100]);
  });

  it('bandit.yaml: candidate gets more clicks -> split moves daily within its bounds, then promoted', async () => {
    const rollout: LongRollout = {
      endpoint: 'headlines',
      candidate: 'headlines-12',
      fields: example('bandit.yaml'),
      conversionRates: { baseline: 0.05, candidate: 0.06 },
      conversionMetric: { namespace: 'Site', name: 'Clicks', per: 'Views' },
    };
    const { result, days, timeline } = await runLongRollout(rollout);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(days >= 7 && days < 10, `${days} days`);
    const shares = timeline.flatMap((entry) =>
      entry.kind === 'weights' ? [entry.weights['candidate'] ?? 0] : [],
    );
    const chosen = shares.slice(2, -1);
    assert.ok(chosen.length > 3, shares.join());
    for (const [i, share] of chosen.entries()) {
      assert.ok(share >= 10 && share <= 90, shares.join());
      assert.ok(Math.abs(share - (chosen[i - 1] ?? share)) <= 15, shares.join());
    }
    assert.equal(shares.at(-1), 100);
  });
});
