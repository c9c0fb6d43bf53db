/**
 * An external change that comes just before the rollout's own call: it takes the name, deletes the resource, or keeps the
 * endpoint busy.
 */
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { EmulatorControls } from '../../../src/emulator/control/controls.js';

type Input = Record<string, unknown>;

/** The same call without the marks of Penstock. The service rejects the second call, or has nothing left to do. */
const earlier: Record<string, (input: Input) => Input> = {
  CreateEndpoint: untagged,
  CreateEndpointConfig: untagged,
  CreateModel: untagged,
  CreateModelPackage: (input) => ({ ...input, ModelPackageDescription: 'by hand', ClientToken: 'by-hand' }),
  CreateModelPackageGroup: untagged,
  CreateTrainingJob: untagged,
  DeleteEndpoint: (input) => input,
  DeleteEndpointConfig: (input) => input,
  StopTrainingJob: (input) => input,
  UpdateModelPackage: (input) => input,
};

/** Faults of the emulator: maintenance by AWS, or a model that is still loading. */
const emulated: Record<string, 'systemUpdating' | 'modelNotReady'> = {
  UpdateEndpoint: 'systemUpdating',
  UpdateEndpointWeightsAndCapacities: 'systemUpdating',
  InvokeEndpoint: 'modelNotReady',
};

export class ExternalActor {
  hasActed = false;
  private awaited: string | null = null;

  constructor(
    private readonly emulator: EmulatorControls,
    private readonly endpoint: string,
    client: SageMakerClient,
  ) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const operation = String(context['commandName']).replace(/Command$/, '');
        const change = this.awaited === operation ? earlier[operation] : undefined;
        if (change) {
          this.awaited = null;
          await next({ ...args, input: change(args.input as Input) });
          this.hasActed = true;
        }
        return next(args);
      },
      { step: 'initialize' },
    );
  }

  /** Acts before the next call of this operation. An endpoint that does not exist or is changing needs no maintenance. */
  async actBefore(operation: string): Promise<void> {
    const kind = emulated[operation];
    if (kind !== undefined) this.emulator.faults.add({ operation, kind });
    else if (operation === 'DescribeEndpoint') await this.maintain();
    else if (earlier[operation]) this.awaited = operation;
    else throw new Error(`no external change can precede ${operation}`);
  }

  private async maintain(): Promise<void> {
    try {
      await this.emulator.cause({ event: 'systemUpdate', endpoint: this.endpoint });
    } catch (error) {
      if (!/could not find|cannot update|in status/i.test(String(error))) throw error;
    }
    this.hasActed = true;
  }
}

function untagged(input: Input): Input {
  return { ...input, Tags: undefined };
}
