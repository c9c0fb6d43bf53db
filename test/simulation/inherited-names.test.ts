/** Names that every JavaScript object inherits are names like any other: in specs, in AWS, and in their results. */
import assert from 'node:assert/strict';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { statusQuery, type RolloutResult, type RolloutStatus } from '../../src/workflows/messages.js';
import { specOf } from '../e2e/specs.js';
import { putManualAlarm } from '../support/settable-alarm.js';
import { openWithEndpoint } from './simulated-account.js';

const minuteMs = 60_000;
/** Valid as labels, as names of SageMaker and of CloudWatch, and as ids of metric math. */
const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];

const bound = { below: 50, window: '5m', minimumRequests: 1 };

/** A guardrail of the metric, by itself and in metric math. */
function guardrailsOf(name: string): object[] {
  const series = { namespace: 'queue', name, stat: 'Maximum', dimensions: { [name]: name } };
  return [
    { metric: name, ...bound, source: series },
    { metric: `${name} twice`, ...bound, source: { expression: `2 * ${name}`, metrics: { [name]: series } } },
  ];
}

async function play(name: string, value: number): Promise<{ result: RolloutResult; status: RolloutStatus }> {
  const endpoint = name.toLowerCase();
  const simulation = await openWithEndpoint(endpoint);
  const { temporal, aws } = simulation;
  await putManualAlarm(aws.cloudwatch, name, 'OK');
  const startMs = temporal.clock.nowMs - 30 * minuteMs;
  for (let minute = 0; minute < 150; minute += 1) {
    const Timestamp = new Date(startMs + minute * minuteMs);
    const publish = async () => {
      const Dimensions = [{ Name: name, Value: name }];
      const MetricData = [{ MetricName: name, Dimensions, Timestamp, Value: value }];
      await aws.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'queue', MetricData }));
    };
    if (Timestamp.getTime() <= temporal.clock.nowMs) await publish();
    else temporal.clock.at(Timestamp.getTime(), publish);
  }
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%'], bake: '15m' } },
      guardrails: [...guardrailsOf(name), { alarm: name }],
    }),
  );
  await temporal.skip(100 * minuteMs);
  assert.notEqual(
    temporal.latest(handle.workflowId).end,
    null,
    JSON.stringify(await handle.query(statusQuery)),
  );
  const result = (await handle.result()) as RolloutResult;
  const status: RolloutStatus = await handle.query(statusQuery);
  await simulation.close();
  return { result, status };
}

describe('names that objects inherit', () => {
  for (const name of names) {
    it(`guardrail, metric, alarm and endpoint ${name}: metric in its bound -> promoted`, async () => {
      const { result, status } = await play(name, 7);
      assert.equal(result.outcome, 'promoted', result.reason);
      const verdicts = new Map(status.verdicts.map(({ guardrail, result: verdict }) => [guardrail, verdict]));
      assert.equal(verdicts.get(name), 'pass');
      assert.equal(verdicts.get(`${name} twice`), 'pass');
    });

    it(`guardrail, metric, alarm and endpoint ${name}: metric out of its bound -> rolled back`, async () => {
      const { result } = await play(name, 70);
      assert.equal(result.outcome, 'rolledBack', result.reason);
      assert.match(result.reason, /70 is not < 50/);
    });
  }
});
