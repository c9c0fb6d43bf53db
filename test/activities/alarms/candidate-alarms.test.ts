import assert from 'node:assert/strict';
import { PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { createAlarmReader } from '../../../src/activities/alarms/alarm-reader.js';
import { createCandidateAlarmReader } from '../../../src/activities/alarms/candidate-alarms.js';
import { ActivityTestEnvironment } from '../activity-environment.js';

const endpoint = 'digits';
const guardrail = { kind: 'candidateAlarm', id: 'x', alarmName: 'digits-queue', endpoint } as const;
const dimensionsOf = (variant: string) => [
  { Name: 'EndpointName', Value: endpoint },
  { Name: 'VariantName', Value: variant },
];

describe('data of an alarm for the candidate', () => {
  for (const Period of [10, 20, 30])
    it(`period of ${Period} seconds, read at any time -> the data is found`, async () => {
      const testEnv = await ActivityTestEnvironment.open();
      const { cloudwatch } = testEnv;
      const metric = { Namespace: 'Shop', MetricName: 'Queue' };
      await cloudwatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: 'digits-queue', ...metric, Dimensions: dimensionsOf('main'), Statistic: 'Maximum' },
          ...{ Period, EvaluationPeriods: 3, Threshold: 5, ComparisonOperator: 'GreaterThanThreshold' },
        }),
      );
      const reader = createCandidateAlarmReader(cloudwatch, createAlarmReader(cloudwatch));
      for (let tenSeconds = 0; tenSeconds < 24; tenSeconds++) {
        const datum = { MetricName: 'Queue', Dimensions: dimensionsOf('b'), Value: 7, StorageResolution: 1 };
        await cloudwatch.send(
          new PutMetricDataCommand({
            Namespace: 'Shop',
            MetricData: [{ ...datum, Timestamp: new Date(testEnv.nowMs) }],
          }),
        );
        testEnv.skipTime(10);
        const reading = await reader.readFor(guardrail, { endpoint, variant: 'b' }, testEnv.nowMs);
        assert.ok(reading.kind === 'read', JSON.stringify(reading));
        if (tenSeconds >= 3) assert.ok(reading.points.length > 0);
      }
      await testEnv.close();
    });
});
