/** A user who sends requests continuously. The endpoint must serve all of them during the rollout. */
import { setTimeout as delay } from 'node:timers/promises';
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

const everyMs = 1_000;

export class User {
  asked = 0;
  private isGone = false;

  constructor(
    private readonly runtime: SageMakerRuntimeClient,
    private readonly endpoint: string,
    /** Called when a request is not served. */
    private readonly complain: (problem: string) => void,
  ) {}

  /** Sends requests until `leave`. */
  async use(): Promise<void> {
    while (!this.isGone) {
      await this.ask();
      await delay(everyMs);
    }
  }

  leave(): void {
    this.isGone = true;
  }

  /**
   * A model error means that a model serves. An endpoint without a model returns the error for a missing endpoint.
   */
  private async ask(): Promise<void> {
    this.asked += 1;
    try {
      const Body = JSON.stringify({ user: this.asked });
      await this.runtime.send(new InvokeEndpointCommand({ EndpointName: this.endpoint, Body }));
    } catch (error) {
      if (error instanceof Error && error.name === 'ModelError') return;
      this.complain(`request not served: ${String(error)}`);
    }
  }
}
