import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArmMetrics, UserCounter } from '../../../src/switch/records/arm-metrics.js';
import { totalsBucketOf } from '../../../src/switch/records/user-totals.js';
import { OutcomeJoin } from '../../../src/switch/records/outcome-join.js';
import { splitOf } from '../split/splits.js';
import {
  answerError,
  openEnvironment,
  send,
  type SwitchEnvironment,
  type EnvironmentOptions,
} from '../switch-environment.js';

const place = { bucket: 7, period: 0 };
const split = { sequence: 1, candidateShare: 50 };
const arm = { endpoint: 'shop', rolloutId: 'shop-0a1b2c3d', role: 'candidate' as const };

describe('switch records', () => {
  let environment: SwitchEnvironment;
  const open = async (options: EnvironmentOptions = {}) => {
    environment = await openEnvironment({
      splits: { shop: splitOf({ candidateShare: 100 }) },
      ...options,
      config: { records: { cloudwatch: {} }, ...options.config },
    });
  };
  afterEach(() => environment.stop());

  const invoke = async (headers: Record<string, string> = {}, user = 'ada') => {
    const response = await send(environment, { user, headers });
    await response.arrayBuffer();
    return response.headers.get('x-amzn-sagemaker-inference-id')!;
  };
  const conclude = async (outcome: object) => {
    const response = await fetch(`${environment.url}/outcomes`, {
      method: 'POST',
      body: JSON.stringify(outcome),
    });
    return [response.status, await response.json()] as const;
  };
  /** Sums by metric and role. */
  const sums = () => {
    const found: Record<string, number> = {};
    for (const { MetricName, Dimensions, Value, Counts } of environment.published) {
      const role = Dimensions?.find(({ Name }) => Name === 'Role')?.Value;
      const value = Value ?? Counts?.reduce((sum, count) => sum + count, 0) ?? 0;
      found[`${role} ${MetricName}`] = (found[`${role} ${MetricName}`] ?? 0) + value;
    }
    return found;
  };
  const lines = async () => {
    const text = await readFile(join(environment.folder, 'state', 'records.jsonl'), 'utf8');
    return text
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  };

  it('records: an invocation -> one line with user, arm and result', async () => {
    await open();
    const inferenceId = await invoke({ 'x-amzn-sagemaker-inference-id': 'order-7' });
    assert.equal(inferenceId, 'order-7');
    await environment.running.stop();
    const [{ at, latencyMs, user, bucket, ...rest } = {}] = await lines();
    assert.deepEqual(rest, {
      kind: 'exposure',
      forced: false,
      counted: true,
      endpoint: 'shop',
      rolloutId: 'shop-0a1b2c3d',
      role: 'candidate',
      split: { sequence: 1, candidateShare: 100 },
      variant: 'shop-b',
      reason: 'bucket',
      inferenceId: 'order-7',
      status: 200,
      hasFailed: false,
      fallback: null,
    });
    assert.ok(Date.parse(String(at)) > 0 && Number(latencyMs) > 0);
    assert.match(String(user), /^[0-9a-f]{32}$/);
    assert.equal(bucket, totalsBucketOf(String(user)));
  });

  for (const [userId, expected] of [
    ['plain', 'ada'],
    ['none', null],
  ] as const)
    it(`records: userId ${userId} -> user in that form`, async () => {
      await open({ config: { records: { userId } } });
      await invoke();
      await environment.running.stop();
      assert.equal((await lines())[0]?.['user'], expected);
    });

  it('records: stop -> sums of each arm are sent to CloudWatch', async () => {
    await open();
    await invoke();
    await invoke();
    environment.backend.behave = answerError(424, 'ModelError', 'broken');
    await invoke({}, 'grace');
    const inferenceId = await invoke({}, 'grace');
    await conclude({ inferenceId, conversion: true, value: 3 });
    await environment.running.stop();
    assert.deepEqual(sums(), {
      'candidate Exposures': 4,
      'candidate Errors': 2,
      'candidate Users': 2,
      'candidate Latency': 4,
      'candidate Outcomes': 1,
      'candidate Conversions': 1,
      'candidate Value': 1,
      'candidate ValueSquared': 1,
      // Both users have two requests. grace has the errors and the outcome.
      'candidate ExposuresSquaredByUser': 8,
      'candidate ErrorsSquaredByUser': 4,
      'candidate ExposuresTimesErrorsByUser': 4,
      'candidate ConversionsSquaredByUser': 1,
      'candidate ExposuresTimesConversionsByUser': 2,
      'candidate ValueSquaredByUser': 9,
      'candidate ExposuresTimesValueByUser': 6,
      'candidate UsersSquaredByUser': 2,
      'candidate UsersTimesConversionsByUser': 1,
      'candidate ExposuresSquaredByProcess': 16,
      'candidate UsersSquaredByProcess': 4,
    });
    const valuesOf = (name: string) =>
      environment.published.find(({ MetricName }) => MetricName === name)?.Values;
    assert.deepEqual([valuesOf('Value'), valuesOf('ValueSquared')], [[3], [9]]);
    const dimensions = environment.published[0]?.Dimensions;
    assert.deepEqual(dimensions, [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'RolloutId', Value: 'shop-0a1b2c3d' },
      { Name: 'Role', Value: 'candidate' },
    ]);
  });

  it('records: a rule forced the arm -> recorded but not counted', async () => {
    await open({ config: { testers: { baseline: ['ada'] } } });
    const inferenceId = await invoke();
    assert.deepEqual(await conclude({ inferenceId, conversion: true }), [
      200,
      { inferenceId, counted: false, notCounted: true },
    ]);
    await environment.running.stop();
    assert.deepEqual(sums(), {});
    const [exposure] = await lines();
    assert.deepEqual(
      [exposure?.['forced'], exposure?.['counted'], exposure?.['role']],
      [true, false, 'baseline'],
    );
  });

  it('outcomes: repeated, restarted, unknown id -> counted once, and 404 for the unknown id', async () => {
    await open();
    const inferenceId = await invoke();
    const later = await invoke();
    assert.deepEqual(await conclude({ inferenceId, value: 2 }), [200, { inferenceId, counted: true }]);
    assert.deepEqual(await conclude({ inferenceId, value: 2 }), [
      200,
      { inferenceId, counted: false, alreadyCounted: true },
    ]);
    await environment.restart();
    assert.deepEqual(await conclude({ inferenceId, value: 2 }), [
      200,
      { inferenceId, counted: false, alreadyCounted: true },
    ]);
    assert.deepEqual(await conclude({ inferenceId: later, value: 5 }), [
      200,
      { inferenceId: later, counted: true },
    ]);
    assert.deepEqual((await conclude({ inferenceId: 'unknown' }))[0], 404);
    await environment.running.stop();
    const values = environment.published.flatMap(({ MetricName, Values = [] }) =>
      MetricName === 'Value' ? Values : [],
    );
    assert.deepEqual(values.sort(), [2, 5]);
  });

  for (const userId of ['hash', 'plain', 'none'] as const)
    it(`records: restart with userId ${userId} -> users add to their totals of before`, async () => {
      await open({ config: { records: { cloudwatch: {}, userId } } });
      const inferenceId = await invoke();
      await environment.restart();
      await invoke();
      await conclude({ inferenceId, conversion: true });
      await environment.running.stop();
      const { 'candidate ExposuresSquaredByUser': squares, 'candidate Users': users } = sums();
      assert.equal(squares, 4);
      assert.equal(sums()['candidate ExposuresTimesConversionsByUser'], 2);
      // Without ids in the records, a restarted process counts its users again.
      assert.equal(users, userId === 'none' ? 2 : 1);
    });

  it('outcomes: invalid body -> 400 with the name of the field', async () => {
    await open();
    const [status, answer] = await conclude({ inferenceId: 'a', value: 'much' });
    assert.equal(status, 400);
    assert.match((answer as { Message: string }).Message, /^value: /);
    assert.equal((await conclude({ conversion: true }))[0], 400);
  });

  it('records: CloudWatch is unavailable -> kept and sent later, and invocations succeed', async () => {
    await open({ config: { records: { cloudwatch: { every: '1s' } } } });
    environment.cloudwatch.error = new Error('throttled');
    await invoke();
    await delay(1200);
    assert.equal((await send(environment, { user: 'ada' })).status, 200);
    assert.match(environment.logged.join('\n'), /cannot send metrics to CloudWatch: throttled/);
    const metrics = await (await fetch(`${environment.url}/metrics`)).text();
    assert.match(metrics, /penstock_switch_cloudwatch_failures [1-9]/);
    environment.cloudwatch.error = null;
    await environment.running.stop();
    assert.equal(sums()['candidate Exposures'], 2);
  });
});

describe('OutcomeJoin', () => {
  it('OutcomeJoin: maxExposures or max age exceeded -> the oldest exposures are dropped', () => {
    const join = new OutcomeJoin({ within: 1000, maxExposures: 2 });
    for (const [i, id] of ['a', 'b', 'c'].entries()) join.remember(id, arm, i, place);
    assert.equal(join.size, 2);
    assert.equal(join.join('a', 3).kind, 'unknown');
    assert.equal(join.join('b', 3).kind, 'joined');
    assert.equal(join.join('c', 1003).kind, 'unknown');
    join.remember('d', arm, 5000, place);
    assert.equal(join.size, 1);
  });

  it('OutcomeJoin: an outcome that could not be recorded -> can be joined again', () => {
    const join = new OutcomeJoin({ within: 1000, maxExposures: 2 });
    join.remember('a', arm, 0, place);
    assert.equal(join.join('a', 1).kind, 'joined');
    join.release('a');
    assert.equal(join.join('a', 1).kind, 'joined');
    assert.equal(join.join('a', 1).kind, 'alreadyCounted');
  });
});

describe('ArmMetrics', () => {
  it('ArmMetrics: many latencies -> values with counts, at most 150 per datum', () => {
    const metrics = new ArmMetrics();
    for (let ms = 0.1; ms < 90_000; ms *= 1.01)
      metrics.exposed(arm, { split, hasFailed: false, latencyMs: ms }, { key: null, bucket: 1 });
    const latencies = metrics.take(new Date(0)).filter(({ MetricName }) => MetricName === 'Latency');
    assert.ok(latencies.length > 1);
    for (const { Values, Counts } of latencies) {
      assert.ok(Values!.length <= 150);
      assert.equal(Values!.length, Counts!.length);
    }
    const counts = latencies.flatMap(({ Counts }) => Counts ?? []);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      Math.ceil(Math.log(900_000) / Math.log(1.01)),
    );
    assert.deepEqual(metrics.take(new Date(0)), []);
  });
});

describe('UserCounter', () => {
  it('UserCounter: 100,000 users seen twice -> each counted at most once, and few missed', () => {
    const counter = new UserCounter();
    let count = 0;
    for (let round = 0; round < 2; round++)
      for (let id = 0; id < 100_000; id++) if (counter.isNew(`user-${id}`)) count++;
    assert.ok(count <= 100_000 && count > 98_500, `${count}`);
  });
});
