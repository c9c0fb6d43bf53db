import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { SageMaker, type CreateEndpointConfigInput } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/emulator.js';

/** A clock that moves only when a test calls `advance`. */
export class ManualClock {
  private ms: number;

  constructor(start: string) {
    this.ms = new Date(start).getTime();
  }

  now(): number {
    return this.ms;
  }

  advance(seconds: number): void {
    this.ms += seconds * 1000;
  }
}

export interface Account {
  emulator: Emulator;
  clock: ManualClock;
  sageMaker: SageMaker;
  runtime: SageMakerRuntime;
  cloudWatch: CloudWatch;
  autoScaling: ApplicationAutoScaling;
}

/** An emulator with its own clock, at a whole hour, and one client of each service. */
export async function openAccount(options: EmulatorOptions = {}): Promise<Account> {
  const clock = new ManualClock('2026-03-01T12:00:00Z');
  const emulator = await startEmulator({ clock, ...options });
  return { emulator, clock, ...clientsOf(emulator) };
}

export function clientsOf(emulator: Emulator) {
  return {
    sageMaker: new SageMaker(emulator.awsConfig),
    runtime: new SageMakerRuntime(emulator.awsConfig),
    cloudWatch: new CloudWatch(emulator.awsConfig),
    autoScaling: new ApplicationAutoScaling(emulator.awsConfig),
  };
}

export async function createModels(sageMaker: SageMaker, ...names: string[]): Promise<void> {
  for (const ModelName of names) {
    await sageMaker.createModel({ ModelName, PrimaryContainer: { Image: `simulated/${ModelName}` } });
  }
}

/** A config whose variants, named after their models, have these weights. */
export async function createConfig(
  sageMaker: SageMaker,
  EndpointConfigName: string,
  weights: Record<string, number>,
  rest: Partial<CreateEndpointConfigInput> = {},
): Promise<void> {
  await sageMaker.createEndpointConfig({
    EndpointConfigName,
    ProductionVariants: Object.entries(weights).map(([name, InitialVariantWeight]) => ({
      VariantName: name,
      ModelName: name,
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 1,
      InitialVariantWeight,
    })),
    ...rest,
  });
}

/** Longer than every change at the fast pace, except training. */
export const settledSeconds = 10;

/** An endpoint `shop` in service on config `shop-config`, with variants named after their models. */
export async function createShop(
  { sageMaker, clock }: Account,
  weights: Record<string, number>,
  rest: Partial<CreateEndpointConfigInput> = {},
): Promise<void> {
  await createModels(sageMaker, ...Object.keys(weights));
  await createConfig(sageMaker, 'shop-config', weights, rest);
  await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'shop-config' });
  clock.advance(settledSeconds);
}

/** The error of a change while another change of the endpoint is in progress. */
export const inProgress = {
  name: 'ValidationException',
  message: /^Cannot update in-progress endpoint "arn:.*shop"\.$/,
};

/** Operations on the endpoint `shop`. */
export function shopOf(account: Account) {
  const { sageMaker } = account;
  const EndpointName = 'shop';
  return {
    describe: () => sageMaker.describeEndpoint({ EndpointName }),
    update: (EndpointConfigName = 'next') => sageMaker.updateEndpoint({ EndpointName, EndpointConfigName }),
    remove: () => sageMaker.deleteEndpoint({ EndpointName }),
    /** Changes the weight of one variant, its instance count, or both. */
    change: (VariantName: string, desired: { DesiredWeight?: number; DesiredInstanceCount?: number }) =>
      sageMaker.updateEndpointWeightsAndCapacities({
        EndpointName,
        DesiredWeightsAndCapacities: [{ VariantName, ...desired }],
      }),
    weights: () => weightsOf(sageMaker, EndpointName),
  };
}

interface VariantWeights {
  current: number | undefined;
  desired: number | undefined;
  count: number | undefined;
}

/** Current weights and counts by variant. */
export async function weightsOf(
  sageMaker: SageMaker,
  EndpointName: string,
): Promise<Record<string, VariantWeights>> {
  const { ProductionVariants } = await sageMaker.describeEndpoint({ EndpointName });
  return Object.fromEntries(
    (ProductionVariants ?? []).map((each) => [
      each.VariantName ?? '',
      { current: each.CurrentWeight, desired: each.DesiredWeight, count: each.CurrentInstanceCount },
    ]),
  );
}
