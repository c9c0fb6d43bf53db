/** External changes of a rollout's endpoint, through the AWS SDK. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteEndpointCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readStatus as readEndpointStatus } from '../../e2e/aws-account.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';

/** Repeats the call while SageMaker rejects it because another change is in progress. */
async function retryWhileBusy<T>(request: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (tries > 300 || !String(error).includes('in-progress')) throw error;
      await delay(100);
    }
  }
}

export class ExternalChange {
  /** DescribeEndpoint calls so far. */
  reads = 0;

  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly rollout: RolloutUnderTest,
  ) {}

  get endpoint(): string {
    return this.rollout.endpoint;
  }

  /**
   * Shares in percent, of a live endpoint with a candidate. Returns when the endpoint is in service; `onRequested` runs
   * after the request.
   */
  async setWeights(baseline: number, candidate: number, onRequested = () => {}): Promise<void> {
    const DesiredWeightsAndCapacities = [
      { VariantName: 'AllTraffic', DesiredWeight: baseline },
      { VariantName: this.rollout.names.variant.candidate, DesiredWeight: candidate },
    ];
    await retryWhileBusy(() =>
      this.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: this.endpoint,
          DesiredWeightsAndCapacities,
        }),
      ),
    );
    onRequested();
    await this.waitUntilInService();
  }

  async scale(VariantName: string, DesiredInstanceCount: number): Promise<void> {
    await retryWhileBusy(() =>
      this.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: this.endpoint,
          DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount }],
        }),
      ),
    );
    await this.waitUntilInService();
  }

  async updateTo(EndpointConfigName: string): Promise<void> {
    await retryWhileBusy(() =>
      this.sagemaker.send(new UpdateEndpointCommand({ EndpointName: this.endpoint, EndpointConfigName })),
    );
    await this.waitUntilInService();
  }

  async remove(): Promise<void> {
    await retryWhileBusy(() =>
      this.sagemaker.send(new DeleteEndpointCommand({ EndpointName: this.endpoint })),
    );
    while ((await this.readStatus()) !== undefined) await delay(100);
  }

  private async waitUntilInService(): Promise<void> {
    while ((await this.readStatus()) !== 'InService') await delay(100);
  }

  private readStatus(): Promise<string | undefined> {
    this.reads++;
    return readEndpointStatus(this.sagemaker, this.endpoint);
  }
}
