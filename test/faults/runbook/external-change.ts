/** What somebody does to an endpoint past the rollout, through the AWS SDK. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteEndpointCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readStatus } from '../../e2e/aws-account.js';
import type { Running } from '../../e2e/rollout-under-test.js';

/** An endpoint in the midst of a change takes no other: a person tries again. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 300 || !String(error).includes('in-progress')) throw error;
      await delay(100);
    }
  }
}

export class AnotherHand {
  /** How often it has looked at the endpoint itself. */
  looks = 0;

  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly rollout: Running,
  ) {}

  get endpoint(): string {
    return this.rollout.endpoint;
  }

  /** Shares in percent, of a live endpoint that a candidate was put beside. Returns when they are in; `onceAsked` is called before. */
  async setWeights(baseline: number, candidate: number, onceAsked = () => {}): Promise<void> {
    const DesiredWeightsAndCapacities = [
      { VariantName: 'AllTraffic', DesiredWeight: baseline },
      { VariantName: this.rollout.names.variant.candidate, DesiredWeight: candidate },
    ];
    await insist(() =>
      this.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: this.endpoint,
          DesiredWeightsAndCapacities,
        }),
      ),
    );
    onceAsked();
    await this.untilInService();
  }

  async scale(VariantName: string, DesiredInstanceCount: number): Promise<void> {
    await insist(() =>
      this.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: this.endpoint,
          DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount }],
        }),
      ),
    );
    await this.untilInService();
  }

  async updateTo(EndpointConfigName: string): Promise<void> {
    await insist(() =>
      this.sagemaker.send(new UpdateEndpointCommand({ EndpointName: this.endpoint, EndpointConfigName })),
    );
    await this.untilInService();
  }

  async remove(): Promise<void> {
    await insist(() => this.sagemaker.send(new DeleteEndpointCommand({ EndpointName: this.endpoint })));
    while ((await this.look()) !== undefined) await delay(100);
  }

  private async untilInService(): Promise<void> {
    while ((await this.look()) !== 'InService') await delay(100);
  }

  private look(): Promise<string | undefined> {
    this.looks++;
    return readStatus(this.sagemaker, this.endpoint);
  }
}
