/**
 * The usual alarm on an endpoint names the variant that serves now: SageMaker publishes metrics per variant. Such an alarm
 * stays OK whatever the candidate does, so before, a candidate with 30 % errors was promoted under it.
 */
import assert from 'node:assert/strict';
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type { SpecJson } from '../../../src/client.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { alarmSignal, timelineQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import {
  endpoint,
  minuteMs,
  resultAfter,
  resultOf,
  status,
  until,
  workflowId,
} from '../waits/ranker-rollout.js';

const AlarmName = 'ranker-5xx';
const ofCandidate = { alarm: AlarmName, for: 'candidate' };

function ofVariant(name: string) {
  return [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'VariantName', Value: name },
  ];
}

/** Fires if more than 5 % of the requests of the variant fail in two of three minutes. */
const definition: PutMetricAlarmCommandInput = {
  AlarmName,
  Namespace: 'AWS/SageMaker',
  MetricName: 'Invocation5XXErrors',
  Dimensions: ofVariant('AllTraffic'),
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 0.05,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

/** The same, as a quotient of two metrics. */
const onExpression: PutMetricAlarmCommandInput = {
  ...{ AlarmName, EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 5 },
  ComparisonOperator: 'GreaterThanThreshold',
  Metrics: [
    { Id: 'percent', Expression: '100 * errors / all' },
    ...(['Invocation5XXErrors', 'Invocations'] as const).map((MetricName, i) => ({
      Id: ['errors', 'all'][i],
      MetricStat: {
        Metric: { Namespace: 'AWS/SageMaker', MetricName, Dimensions: definition.Dimensions },
        Period: 60,
        Stat: 'Sum',
      },
      ReturnData: false,
    })),
  ],
};

function spec(fields: object = {}): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%', '50%'], bake: '10m' } },
    guardrails: [ofCandidate],
    ...fields,
  });
}

async function open(alarm: PutMetricAlarmCommandInput = definition, errorRate = 0): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint);
  await put(simulation, alarm);
  await fail(simulation, errorRate);
  await simulation.temporal.skip(10 * minuteMs);
  return simulation;
}

function put({ aws }: Simulation, alarm: PutMetricAlarmCommandInput): Promise<unknown> {
  return aws.cloudwatch.send(new PutMetricAlarmCommand(alarm));
}

function fail({ emulator }: Simulation, errorRate: number): Promise<unknown> {
  return emulator.setBehaviour({ model: `${endpoint}-2`, errorRate });
}

async function stateOf({ aws }: Simulation): Promise<string | undefined> {
  const { MetricAlarms } = await aws.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
  return MetricAlarms?.[0]?.StateValue;
}

const inStage =
  (n: number) =>
  ({ step, phase }: { step: { n: number }; phase: string }) =>
    phase === 'baking' && step.n >= n;

describe('alarm for the candidate', () => {
  for (const [what, alarm] of [
    ['a metric', definition],
    ['an expression', onExpression],
  ] as const) {
    it(`alarm on ${what} of the baseline's variant: the candidate fails -> rolled back, the alarm itself OK`, async () => {
      const simulation = await open(alarm, 0.3);
      simulation.startRollout(spec());
      const { outcome, reason } = await resultOf(simulation);
      assert.equal(outcome, 'rolledBack', reason);
      assert.match(reason, /^alarm ranker-5xx is in ALARM for the candidate: [23] of 3 datapoints > /);
      assert.equal(await stateOf(simulation), 'OK');
      await simulation.close();
    });
  }

  it('alarm for the candidate: the candidate is healthy -> promoted, and nothing is created in CloudWatch', async () => {
    const simulation = await open();
    const before = [...simulation.emulator.calls].length;
    simulation.startRollout(spec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const made = [...simulation.emulator.calls].slice(before).map(({ operation }) => operation);
    assert.ok(made.includes('GetMetricData'));
    assert.deepEqual(
      made.filter((operation) => /^(Put|Set|Delete).*(Alarm|Metric)/.test(operation)),
      [],
    );
    await simulation.close();
  });

  it('alarm for the candidate: the baseline fails and its alarm fires -> promoted', async () => {
    const simulation = await open();
    await simulation.emulator.setBehaviour({ model: `${endpoint}-1`, errorRate: 0.3 });
    await simulation.temporal.skip(10 * minuteMs);
    assert.equal(await stateOf(simulation), 'ALARM');
    simulation.startRollout(spec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });

  it('alarm for the candidate: deleted during a bake -> holds until it exists again', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, inStage(1));
    await simulation.aws.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
    const held = await until(simulation, ({ hold }) => hold !== null);
    assert.equal(held.hold?.message, 'alarm ranker-5xx does not exist');
    await simulation.temporal.skip(60 * minuteMs);
    assert.equal((await until(simulation, () => true)).step.n, held.step.n);
    await put(simulation, definition);
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });

  it('alarm for the candidate: changed to one without a variant -> holds, with the reason', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, inStage(1));
    await put(simulation, { ...definition, Dimensions: definition.Dimensions?.slice(0, 1) });
    const { hold } = await until(simulation, (now) => now.hold !== null);
    assertRunbookEntry(hold?.message, 'alarm X cannot be evaluated for the candidate: ...');
    assert.match(hold?.message ?? '', /: none of its metrics is of a variant of endpoint ranker; omit for/);
    await simulation.close();
  });

  for (const outage of ['partial', 'error'] as const) {
    it(`alarm for the candidate: metrics outage (${outage}) -> holds, then continues`, async () => {
      const simulation = await open();
      simulation.startRollout(spec());
      await until(simulation, inStage(1));
      await simulation.emulator.setMetricsOutage(outage);
      const { hold } = await until(simulation, (now) => now.hold !== null);
      assert.match(hold?.message ?? '', /^alarm ranker-5xx (is not evaluated|cannot be read) \(/);
      await simulation.emulator.setMetricsOutage(null);
      const { outcome, reason } = await resultOf(simulation);
      assert.equal(outcome, 'promoted', reason);
      await simulation.close();
    });
  }

  it('alarm for the candidate: fails while no worker runs -> rolled back when one returns', async () => {
    const simulation = await open();
    const { temporal } = simulation;
    simulation.startRollout(spec());
    for (let kills = 0; kills < 3; kills++) {
      temporal.worker.kill();
      await temporal.skip(minuteMs);
      temporal.worker.start();
      await temporal.skip(minuteMs);
    }
    await until(simulation, inStage(1));
    temporal.worker.kill();
    await fail(simulation, 0.3);
    await temporal.skip(20 * minuteMs);
    temporal.worker.start();
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'rolledBack', reason);
    await simulation.close();
  });

  it('alarm for the candidate: pushed as ALARM -> continues, because that is the state of the other variant', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, inStage(1));
    const pushed = { name: AlarmName, state: 'ALARM', reason: 'Threshold Crossed' };
    await simulation.temporal.handle(workflowId).signal(alarmSignal, pushed);
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    const said = timeline.filter(({ kind }) => kind === 'alarm').map(({ message }) => message);
    assert.deepEqual(said, [
      'alarm ranker-5xx is ALARM: Threshold Crossed (evaluated for the candidate instead)',
    ]);
    await simulation.close();
  });

  it('alarm for the candidate: missing data is breaching -> not before the candidate has users, then rolled back', async () => {
    const simulation = await open({ ...definition, TreatMissingData: 'breaching' });
    simulation.startRollout(spec());
    await until(simulation, inStage(2));
    await simulation.emulator.setTraffic({ endpoint, requestsPerSecond: 0 });
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'rolledBack', reason);
    assert.match(reason, /missing$/);
    await simulation.close();
  });

  it('alarm for the candidate: missing data, and no requests -> holds', async () => {
    const simulation = await open({ ...definition, TreatMissingData: 'missing' });
    simulation.startRollout(spec());
    await until(simulation, inStage(1));
    await simulation.emulator.setTraffic({ endpoint, requestsPerSecond: 0 });
    const { hold } = await until(simulation, (now) => now.hold !== null);
    assertRunbookEntry(hold?.message, 'alarm X has insufficient data for the candidate');
    await simulation.close();
  });
});

describe('alarm for a candidate on an endpoint of its own', () => {
  const ownEndpoint = { serve: { metricsEvery: '60s', topology: 'endpoints' } };

  async function play(alarm: PutMetricAlarmCommandInput, errorRate: number) {
    const simulation = await open(alarm, errorRate);
    simulation.startRollout(spec(ownEndpoint));
    const { rolloutId } = await until(simulation, inStage(1));
    // The switch divides the requests.
    await simulation.emulator.setTraffic({
      endpoint: resourceNamesOf(rolloutId ?? '').candidateEndpoint,
      requestsPerSecond: 10,
    });
    const result = await resultOf(simulation);
    await simulation.close();
    return result;
  }

  it("two endpoints: alarm on the baseline's variant, the candidate fails -> rolled back", async () => {
    const { outcome, reason } = await play(definition, 0.3);
    assert.equal(outcome, 'rolledBack', reason);
    assert.match(reason, /^alarm ranker-5xx is in ALARM for the candidate/);
  });

  it('two endpoints: the candidate is healthy -> promoted', async () => {
    const { outcome, reason } = await play(definition, 0);
    assert.equal(outcome, 'promoted', reason);
  });
});

describe('bake with an alarm for the candidate', () => {
  it('rollback window: shorter than the evaluation periods, which the bake has seen -> ends in time', async () => {
    const simulation = await open({ ...definition, Period: 300, EvaluationPeriods: 12 });
    simulation.startRollout(
      spec({
        strategy: { standard: { bake: '90m' } },
        rollbackWindow: '10m',
        serve: { metricsEvery: '60s' },
      }),
    );
    await until(simulation, ({ phase }) => phase === 'rollbackWindow');
    const began = simulation.temporal.clock.nowMs;
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    assert.ok(simulation.temporal.clock.nowMs - began < 30 * minuteMs);
    await simulation.close();
  });

  it('bake: shorter than the evaluation periods of the alarm -> lasts until they are over, without a hold', async () => {
    const simulation = await open({ ...definition, EvaluationPeriods: 15 });
    const began = simulation.temporal.clock.nowMs;
    simulation.startRollout(spec({ strategy: { canary: { steps: ['20%'], bake: '2m' } } }));
    let result = await resultAfter(simulation, minuteMs);
    for (; result === null; result = await resultAfter(simulation, minuteMs))
      assert.equal((await status(simulation)).hold, null);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(simulation.temporal.clock.nowMs - began > 2 * 15 * minuteMs);
    await simulation.close();
  });
});

describe('alarm of another variant', () => {
  it('composite alarm for the candidate -> failed, with what to write', async () => {
    const simulation = await open();
    await simulation.aws.cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'ranker-any', AlarmRule: `ALARM("${AlarmName}")` }),
    );
    simulation.startRollout(spec({ guardrails: [{ alarm: 'ranker-any', for: 'candidate' }] }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assert.match(
      reason,
      /alarm ranker-any cannot be evaluated for the candidate: it is a composite alarm; name the metric alarms of its rule/,
    );
    await simulation.close();
  });

  it('composite alarm, not marked -> read as it is', async () => {
    const simulation = await open();
    await simulation.aws.cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'ranker-any', AlarmRule: `ALARM("${AlarmName}")` }),
    );
    simulation.startRollout(spec({ guardrails: [{ alarm: 'ranker-any' }] }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });

  it('alarm of another variant: not marked -> failed, with what to write', async () => {
    const simulation = await open();
    simulation.startRollout(spec({ guardrails: [{ alarm: AlarmName }] }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'alarm X sees only variant V, not the candidate; ...');
    assert.match(
      reason,
      /variant AllTraffic, not the candidate; write \{ alarm: ranker-5xx, for: candidate \}, or for: asDefined /,
    );
    await simulation.close();
  });

  it('alarm of another variant: for asDefined -> read as it is', async () => {
    const simulation = await open(definition, 0.3);
    simulation.startRollout(spec({ guardrails: [{ alarm: AlarmName, for: 'asDefined' }] }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });

  it('variants with alternating names: the alarm of the other name -> refused unless marked, that of its own name -> read', async () => {
    const simulation = await open(definition, 0.3);
    const serve = { metricsEvery: '60s', variantNames: { alternate: ['AllTraffic', 'Other'] } };
    await put(simulation, { ...definition, AlarmName: 'other-5xx', Dimensions: ofVariant('Other') });
    const guardrails = [{ alarm: AlarmName, for: 'asDefined' }, { alarm: 'other-5xx' }];
    simulation.startRollout(spec({ serve, guardrails }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'rolledBack', reason);
    assert.match(reason, /^alarm other-5xx is in ALARM/);
    await simulation.close();
  });
});
