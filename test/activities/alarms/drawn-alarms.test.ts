/**
 * The product evaluates an alarm for the candidate; the emulator evaluates the same alarm on the candidate's variant. The two
 * are written independently of each other, and agree minute by minute on drawn alarms and data.
 */
import assert from 'node:assert/strict';
import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  type MetricDatum,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { createAlarmReader } from '../../../src/activities/alarms/alarm-reader.js';
import { createCandidateAlarmReader } from '../../../src/activities/alarms/candidate-alarms.js';
import { alarmComparisons, missingDataTreatments } from '../../../src/analysis/alarms/alarm-rule.js';
import { evaluateAlarm } from '../../../src/analysis/alarms/evaluate-alarm.js';
import { Dice } from '../../simulation/search/dice.js';
import { ActivityTestEnvironment } from '../activity-environment.js';

const endpoint = 'digits';
const candidate = 'b-1a2b3c4d';
const Namespace = 'Shop';
const alarmsPerSeed = 12;
const minutes = 30;

const comparisons = Object.keys(alarmComparisons) as (keyof typeof alarmComparisons)[];
const dimensionsOf = (variant: string) => [
  { Name: 'EndpointName', Value: endpoint },
  { Name: 'VariantName', Value: variant },
];

interface DrawnAlarm {
  name: string;
  /** Chance that a minute has data. */
  density: number;
  definitionFor: (variant: string) => PutMetricAlarmCommandInput;
}

function drawAlarm(dice: Dice, name: string): DrawnAlarm {
  const TreatMissingData = dice.pick([...missingDataTreatments]);
  // A kept state is looked for in steps of a period; CloudWatch evaluates every minute.
  const Period = TreatMissingData === 'ignore' ? 60 : dice.pick([60, 60, 120, 300]);
  const EvaluationPeriods = dice.whole(1, 5);
  const rule = {
    ...{ TreatMissingData, EvaluationPeriods, DatapointsToAlarm: dice.whole(1, EvaluationPeriods) },
    Threshold: dice.whole(0, 10),
    ComparisonOperator: dice.pick(comparisons),
  };
  const Statistic = dice.pick(['Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount'] as const);
  const metric = (variant: string) => ({ Namespace, MetricName: name, Dimensions: dimensionsOf(variant) });
  const isMath = dice.chance(0.3);
  const expression = dice.pick(['m + 1', '2 * m', 'FILL(m, 0)', 'IF(m > 3, m)']);
  const queriesOf = (variant: string) => [
    { Id: 'value', Expression: expression, ReturnData: true },
    { Id: 'm', MetricStat: { Metric: metric(variant), Period, Stat: Statistic }, ReturnData: false },
  ];
  return {
    name,
    density: dice.pick([0.2, 0.5, 0.9, 1]),
    definitionFor: (variant) => ({
      AlarmName: `${name}-${variant}`,
      ...rule,
      ...(isMath ? { Metrics: queriesOf(variant) } : { ...metric(variant), Statistic, Period }),
    }),
  };
}

function drawData(dice: Dice, { name, density }: DrawnAlarm, at: number): MetricDatum[] {
  const count = dice.chance(density) ? dice.whole(1, 3) : 0;
  return Array.from({ length: count }, () => ({
    MetricName: name,
    Dimensions: dimensionsOf(candidate),
    Timestamp: new Date(at),
    Value: dice.whole(0, 12),
  }));
}

describe('alarm for the candidate and the same alarm on its variant', () => {
  for (const seed of [1, 2]) {
    it(`drawn alarms: seed ${seed} -> the product and the emulator agree in every minute`, async () => {
      const testEnv = await ActivityTestEnvironment.open();
      const { cloudwatch } = testEnv;
      const dice = new Dice(seed);
      const drawn = Array.from({ length: alarmsPerSeed }, (_, i) => drawAlarm(dice, `metric-${i}`));
      for (const { definitionFor } of drawn)
        for (const variant of ['main', candidate])
          await cloudwatch.send(new PutMetricAlarmCommand(definitionFor(variant)));
      const reader = createCandidateAlarmReader(cloudwatch, createAlarmReader(cloudwatch));
      const seen = new Set<string>();
      testEnv.skipTime(50);
      for (let minute = 0; minute < minutes; minute++) {
        const MetricData = drawn.flatMap((alarm) => drawData(dice, alarm, testEnv.nowMs - 20_000));
        if (MetricData.length > 0) await cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData }));
        testEnv.skipTime(30);
        for (const { name, definitionFor } of drawn) {
          const AlarmNames = [`${name}-${candidate}`];
          const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
          const guardrail = {
            kind: 'candidateAlarm' as const,
            id: name,
            alarmName: `${name}-main`,
            endpoint,
          };
          const reading = await reader.readFor(guardrail, { endpoint, variant: candidate }, testEnv.nowMs);
          assert.ok(reading.kind === 'read', JSON.stringify(reading));
          const times = { fromMs: reading.fromMs, toMs: reading.toMs, fillsFromMs: 0 };
          const { state } = evaluateAlarm(reading.rule, reading.points, times);
          seen.add(state);
          assert.equal(
            state,
            MetricAlarms?.[0]?.StateValue,
            `minute ${minute}: ${JSON.stringify(definitionFor(candidate))} ${JSON.stringify(reading.points)}`,
          );
        }
        testEnv.skipTime(30);
      }
      assert.equal(seen.size, 3, [...seen].join());
      await testEnv.close();
    });
  }
});
