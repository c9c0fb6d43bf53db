/** A user who asks again and again: an endpoint that serves has to go on serving, whatever its rollout does. */
import { setTimeout as delay } from 'node:timers/promises';
import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

const everyMs = 1_000;

export class User {
  asked = 0;
  private isGone = false;

  constructor(
    private readonly runtime: SageMakerRuntimeClient,
    private readonly endpoint: string,
    /** Called where nobody serves. */
    private readonly complain: (problem: string) => void,
  ) {}

  /** Until `leave`. */
  async use(): Promise<void> {
    while (!this.isGone) {
      await this.ask();
      await delay(everyMs);
    }
  }

  leave(): void {
    this.isGone = true;
  }

  /** A model that fails is in service; an endpoint without one is answered as one that is not there. */
  private async ask(): Promise<void> {
    this.asked += 1;
    try {
      const Body = JSON.stringify({ user: this.asked });
      await this.runtime.send(new InvokeEndpointCommand({ EndpointName: this.endpoint, Body }));
    } catch (error) {
      if (error instanceof Error && error.name === 'ModelError') return;
      this.complain(`nobody serves: ${String(error)}`);
    }
  }
}
