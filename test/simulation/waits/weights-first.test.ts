/** A rollback moves weight before it asks for instances. */
import assert from 'node:assert/strict';
import {
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DesiredWeightAndCapacity,
} from '@aws-sdk/client-sagemaker';
import { timelineQuery, type RolloutResult, type TimelineEntry } from '../../../src/workflows/messages.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const capacityBackAfterMs = 90 * minuteMs;

interface RolledBack {
  result: RolloutResult;
  /** Milliseconds from the decision to the first accepted change of weights, and that change. */
  firstWeightAfterMs: number;
  weights: string;
}

/** At 90 %, an autoscaler shrinks the baseline to one of four instances, the region runs out, and the candidate fails. */
async function rollBackWithoutCapacity(errorRate: number): Promise<RolledBack> {
  const simulation = await openWithEndpoint(endpoint);
  const { temporal, emulator, aws } = simulation;
  const scaleBaseline = (DesiredInstanceCount: number) =>
    aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount }],
      }),
    );
  await scaleBaseline(4);
  await temporal.skip(15 * minuteMs);
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['90%'], bake: '2h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    }),
  );
  await temporal.skip(40 * minuteMs);
  await scaleBaseline(1);
  await temporal.skip(15 * minuteMs);
  await emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 0 });
  temporal.clock.at(temporal.clock.nowMs + capacityBackAfterMs, () =>
    emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: null }),
  );
  await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate });
  const result = (await handle.result()) as RolloutResult;
  const decidedMs = decisionOf(await handle.query(timelineQuery));
  const [first] = [...emulator.calls].filter(({ at, ...call }) => at >= decidedMs && isWeightChange(call));
  assert.ok(first, 'no weight was changed');
  const weights = String(first.parameters.DesiredWeightsAndCapacities);
  await simulation.close();
  return { result, firstWeightAfterMs: first.at - decidedMs, weights };
}

function decisionOf(timeline: TimelineEntry[]): number {
  const entry = timeline.find((each) => each.kind === 'phase' && each.phase === 'rollingBack');
  return Date.parse(entry?.at ?? '');
}

function isWeightChange({ operation, outcome, parameters }: Omit<CallRecord, 'at'>): boolean {
  const changes = String(parameters.DesiredWeightsAndCapacities ?? '');
  return operation === 'UpdateEndpointWeightsAndCapacities' && outcome === 'ok' && /Weight"/.test(changes);
}

describe('rollback without capacity', () => {
  it('candidate fails a tenth -> at once as much as the present instances can serve, the rest later', async () => {
    const { result, firstWeightAfterMs, weights } = await rollBackWithoutCapacity(0.1);
    assert.ok(firstWeightAfterMs <= 5_000, `${firstWeightAfterMs} ms`);
    assert.match(weights, /{"DesiredWeight":50,"VariantName":"AllTraffic"}/);
    assert.equal(result.outcome, 'rolledBack', result.reason);
  });

  it('someone else has moved more users back than the present instances can serve -> none goes to the candidate', async () => {
    const simulation = await openWithEndpoint(endpoint);
    const { temporal, emulator, aws } = simulation;
    const change = (change: Partial<DesiredWeightAndCapacity>) =>
      aws.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: endpoint,
          DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', ...change }],
        }),
      );
    await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'OK');
    await change({ DesiredInstanceCount: 4 });
    await temporal.skip(15 * minuteMs);
    const handle = simulation.startRollout(
      specOf(endpoint, {
        serve: { metricsEvery: '60s' },
        strategy: { canary: { steps: ['90%'], bake: '6h' } },
        guardrails: [{ alarm: 'ranker-errors' }],
      }),
    );
    await temporal.skip(40 * minuteMs);
    await change({ DesiredInstanceCount: 1 });
    await temporal.skip(15 * minuteMs);
    // 36 % for the candidate, with 90 for its variant.
    await change({ DesiredWeight: 160 });
    await temporal.skip(15 * minuteMs);
    await emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 0 });
    temporal.clock.at(temporal.clock.nowMs + capacityBackAfterMs, () =>
      emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: null }),
    );
    const began = temporal.clock.nowMs;
    await setAlarmState(aws.cloudwatch, 'ranker-errors', 'ALARM');
    const result = (await handle.result()) as RolloutResult;
    assert.equal(result.outcome, 'rolledBack', result.reason);
    const weights = [...emulator.calls]
      .filter(({ at, ...call }) => at >= began && isWeightChange(call))
      .map(({ parameters }) => String(parameters.DesiredWeightsAndCapacities));
    assert.ok(weights.length > 0);
    for (const each of weights) assert.match(each, /{"DesiredWeight":100,"VariantName":"AllTraffic"}/);
    await simulation.close();
  });

  it('candidate fails most requests -> all traffic at once', async () => {
    const { result, firstWeightAfterMs, weights } = await rollBackWithoutCapacity(0.8);
    assert.ok(firstWeightAfterMs <= 5_000, `${firstWeightAfterMs} ms`);
    assert.match(weights, /{"DesiredWeight":100,"VariantName":"AllTraffic"}/);
    assert.equal(result.outcome, 'rolledBack', result.reason);
  });
});
