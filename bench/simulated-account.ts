/** Emulators on a clock that moves only when the benchmark sets it. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { startEmulator, type Emulator, type EmulatorOptions } from '../src/emulator/emulator.js';

export interface SimulatedAccount {
  emulator: Emulator;
  sageMaker: SageMaker;
  cloudWatch: CloudWatch;
  pass(seconds: number): void;
  /** Epoch ms. */
  now: () => number;
}

export async function openSimulatedAccount(options: EmulatorOptions): Promise<SimulatedAccount> {
  let nowMs = Date.parse('2026-03-01T12:00:00Z');
  const emulator = await startEmulator({ ...options, clock: { now: () => nowMs } });
  return {
    emulator,
    sageMaker: new SageMaker(emulator.awsConfig),
    cloudWatch: new CloudWatch(emulator.awsConfig),
    now: () => nowMs,
    pass: (seconds) => void (nowMs += seconds * 1000),
  };
}

/** Models `a` and `b`, and a config with both at equal weights. */
export async function createPair(sageMaker: SageMaker, EndpointConfigName: string): Promise<void> {
  for (const ModelName of ['a', 'b']) {
    await sageMaker.createModel({
      ModelName,
      ExecutionRoleArn: 'arn:aws:iam::123456789012:role/penstock-sagemaker',
      PrimaryContainer: { Image: `simulated/${ModelName}` },
    });
  }
  await sageMaker.createEndpointConfig({
    EndpointConfigName,
    ProductionVariants: ['a', 'b'].map((name) => ({
      VariantName: name,
      ModelName: name,
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 1,
      InitialVariantWeight: 1,
    })),
  });
}

export const behaviours = [
  { model: 'a', errorRate: 0.001, latencyMs: { p50: 20, p99: 120 } },
  { model: 'b', errorRate: 0.002, latencyMs: { p50: 25, p99: 150 } },
];
