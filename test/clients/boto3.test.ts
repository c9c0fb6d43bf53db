import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runScript } from './scripts.js';

type ByVariant<T> = Record<'A' | 'B', T>;

interface Job {
  TrainingJobStatus: string;
  FinalMetricDataList?: { MetricName: string; Value: number }[];
}

/** Output of canary.py. */
interface Seen {
  jobs: ByVariant<Job>;
  tags: { Key: string; Value: string }[];
  half: { variants: Partial<ByVariant<number>>; last: unknown };
  shifted: { variants: Partial<ByVariant<number>>; last: unknown };
  targeted: { variants: Partial<ByVariant<number>>; last: unknown };
  metrics: ByVariant<number>;
  metricsAfter: ByVariant<number>;
  statistics: ByVariant<{ invocations: number; latency: number[]; p90: number[]; unit: string[] }>;
  weights: ByVariant<number>[];
  inProgress: string;
  alarms: { found: { AlarmName: string; StateValue: string }[]; left: unknown[] };
  gone: { endpoint: string; config: string; model: string; invocation: string };
}

const requests = 200;

describe('boto3', () => {
  let emulator: Emulator;
  let simulated: Seen;
  let digits: Seen;

  before(async () => {
    emulator = await startEmulator({
      pace: { training: 1, creating: 1, updating: 1, shifting: 1, deleting: 0.5 },
      lateMs: 200,
      behaviours: [{ model: 'simulated-*', latencyMs: { p50: 2, p99: 9 }, response: { answer: 42 } }],
    });
    [simulated, digits] = await Promise.all([
      canary({ name: 'simulated', image: 'simulated/shop', hyperparameters: { A: {}, B: {} }, body: {} }),
      canary({
        name: 'digits',
        image: 'local/digits-classifier',
        hyperparameters: {
          A: { learning_rate: '0.00001', epochs: '1' },
          B: { learning_rate: '0.01', epochs: '1' },
        },
        body: await firstDigit(),
      }),
    ]);
  });
  after(() => emulator.stop());

  function canary(plan: object): Promise<Seen> {
    return runScript('canary.py', emulator.env, JSON.stringify({ ...plan, requests }));
  }

  for (const [kind, seenBy] of Object.entries({
    'simulated models': () => simulated,
    'trained models': () => digits,
  })) {
    describe(`with ${kind}`, () => {
      it(`boto3 with ${kind}: training jobs -> Completed`, () => {
        const { jobs } = seenBy();
        assert.deepEqual([jobs.A.TrainingJobStatus, jobs.B.TrainingJobStatus], ['Completed', 'Completed']);
      });

      it(`boto3 with ${kind}: list_tags -> tags of the creation and tags added later`, () => {
        assert.deepEqual(seenBy().tags, [
          { Key: 'team', Value: 'search' },
          { Key: 'stage', Value: 'canary' },
        ]);
      });

      it(`boto3 with ${kind}: weights of 50/50, then 10/90 -> traffic follows`, () => {
        const { half, shifted, weights } = seenBy();
        assert.deepEqual(weights, [
          { A: 50, B: 50 },
          { A: 10, B: 90 },
        ]);
        assertWithin(half.variants.A, 70, 130);
        assertWithin(shifted.variants.A, 4, 45);
      });

      it(`boto3 with ${kind}: TargetVariant -> that variant, whatever its weight`, () => {
        assert.deepEqual(seenBy().targeted.variants, { A: 5 });
      });

      it(`boto3 with ${kind}: GetMetricData -> exactly the requests of each variant`, () => {
        const { half, shifted, metrics, metricsAfter } = seenBy();
        assert.deepEqual(metrics, half.variants);
        assert.deepEqual(metricsAfter, {
          A: sum(half.variants.A, shifted.variants.A, 5),
          B: sum(half.variants.B, shifted.variants.B),
        });
      });

      it(`boto3 with ${kind}: GetMetricStatistics -> the same counts, latencies in microseconds`, () => {
        const { half, statistics } = seenBy();
        for (const variant of ['A', 'B'] as const) {
          const { invocations, latency, p90, unit } = statistics[variant];
          assert.equal(invocations, half.variants[variant]);
          assert.deepEqual(unit, ['Microseconds']);
          assert.ok(latency.length > 0 && p90.length === latency.length);
          for (const value of [...latency, ...p90]) assertWithin(value, 50, 2_000_000);
        }
      });

      it(`boto3 with ${kind}: second change during a change -> refused`, () => {
        assert.match(seenBy().inProgress, /^ValidationException: Cannot update in-progress endpoint "arn:/);
      });

      it(`boto3 with ${kind}: alarm set to ALARM, then deleted -> described, then gone`, () => {
        const { found, left } = seenBy().alarms;
        assert.deepEqual(
          found.map(({ StateValue }) => StateValue),
          ['ALARM'],
        );
        assert.deepEqual(left, []);
      });

      it(`boto3 with ${kind}: everything is deleted in order -> not found`, () => {
        const { gone } = seenBy();
        assert.match(gone.endpoint, /^ValidationException: Could not find endpoint "arn:/);
        assert.match(gone.config, /^ValidationException: Could not find endpoint configuration "arn:/);
        assert.match(gone.model, /^ValidationException: Could not find model "arn:/);
        assert.match(gone.invocation, /^ValidationError: Endpoint .* not found/);
      });
    });
  }

  it('boto3: simulated and trained model -> responses of each', () => {
    assert.deepEqual(simulated.half.last, { answer: 42 });
    const { digit } = digits.half.last as { digit: number };
    assert.ok(Number.isInteger(digit));
  });

  it('boto3: accuracy printed by training -> higher with the better learning rate', () => {
    const [a = 1, b = 0] = [digits.jobs.A, digits.jobs.B].map((job) => job.FinalMetricDataList?.[0]?.Value);
    assert.ok(a < b && b > 0.8, `${a} and ${b}`);
  });
});

async function firstDigit(): Promise<object> {
  const golden = await readFile(new URL('../../examples/digits-classifier/golden.jsonl', import.meta.url));
  const [line = ''] = golden.toString('utf8').split('\n', 1);
  return (JSON.parse(line) as { body: object }).body;
}

function assertWithin(value: number | undefined, min: number, max: number): void {
  assert.ok(value !== undefined && value >= min && value <= max, `${value} is not within ${min} to ${max}`);
}

function sum(...counts: (number | undefined)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}
