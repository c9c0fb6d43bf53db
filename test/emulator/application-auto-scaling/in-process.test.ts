import assert from 'node:assert/strict';
import { openInProcess } from '../../../src/emulator/in-process.js';
import { createClients } from '../../../src/simulation/aws/clients.js';
import { requestHandlerOf } from '../../../src/simulation/aws/request-handler.js';
import { topicHandlerOf } from '../../../src/simulation/aws/topics.js';
import { SimulatedClock } from '../../../src/simulation/clock.js';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
} from '@aws-sdk/client-sagemaker';
import {
  DescribeScalableTargetsCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { invocationsPerInstance, resource } from './scaled-shop.js';

const startMs = Date.parse('2026-03-01T12:00:00Z');

/** A shop with a scaled variant in a process of its own. Returns what its clients read. */
async function play(seed: number) {
  let nowMs = startMs;
  const emulator = await openInProcess({ clock: { now: () => nowMs }, seed });
  const handlers = {
    aws: requestHandlerOf(emulator, { latencyMs: 0 }),
    topics: topicHandlerOf(new SimulatedClock(startMs), []),
  };
  const { sagemaker, autoscaling } = createClients(handlers, emulator.region);
  await sagemaker.send(
    new CreateModelCommand({ ModelName: 'a', PrimaryContainer: { Image: 'simulated/a' } }),
  );
  const variant = {
    VariantName: 'a',
    ModelName: 'a',
    InstanceType: 'ml.m5.large',
    InitialInstanceCount: 1,
  } as const;
  await sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName: 'shop-1', ProductionVariants: [variant] }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'shop', EndpointConfigName: 'shop-1' }));
  nowMs += 20_000;
  await autoscaling.send(new RegisterScalableTargetCommand({ ...resource, MinCapacity: 1, MaxCapacity: 4 }));
  const { PolicyARN, Alarms } = await autoscaling.send(
    new PutScalingPolicyCommand({
      ...{ ...resource, PolicyName: 'invocations', PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 100,
        PredefinedMetricSpecification: invocationsPerInstance,
      },
    }),
  );
  const { ScalableTargets } = await autoscaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'sagemaker' }),
  );
  return { PolicyARN, Alarms, ScalableTargets };
}

describe('Application Auto Scaling in process', () => {
  it('in-process emulator: real client -> answered; same seed -> same ids, other seed -> other ids', async () => {
    const first = await play(7);
    assert.equal(first.ScalableTargets?.length, 1);
    assert.equal(first.Alarms?.length, 2);
    assert.deepEqual(await play(7), first);
    assert.notEqual((await play(8)).PolicyARN, first.PolicyARN);
  });
});
