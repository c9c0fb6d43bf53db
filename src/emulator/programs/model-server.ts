import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { type Child, startChild } from '../../processes/child.js';
import { programEnvironment } from './environment.js';

export interface ServerInput {
  entry: string;
  modelFolder: string;
  environment: Record<string, string>;
}

export interface ContainerResponse {
  /** Null: no HTTP response. */
  status: number | null;
  body: Buffer;
  contentType: string;
  latencyMs: number;
}

/** SageMaker's limit for the response of a container. */
export const responseLimitMs = 60_000;

const loopback = '127.0.0.1';
const startupMs = 60_000;
const pingEveryMs = 50;
const restartAfterMs = 500;
const drainMs = 5_000;
/** The status that SageMaker's proxy returns for a process that crashed or does not respond. */
const badGateway = 502;

/** The process of a model on a loopback port, with SageMaker's serving contract: /ping and /invocations. */
export class ModelServer {
  /** False if the process does not respond to /ping in time, or ends before. */
  readonly ready: Promise<boolean>;
  private child: Child | null = null;
  private port = 0;
  private stopped = false;
  private readonly inFlight = new Set<Promise<ContainerResponse>>();

  constructor(private readonly input: ServerInput) {
    this.ready = this.start().catch(() => false);
  }

  async invoke(body: Buffer, headers: Record<string, string>): Promise<ContainerResponse> {
    const response = this.send(body, headers);
    this.inFlight.add(response);
    return response.finally(() => this.inFlight.delete(response));
  }

  /** Waits for requests in progress, like SageMaker when it drains an instance. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.race([Promise.all(this.inFlight), sleep(drainMs, undefined, { ref: false })]);
    await this.child?.stop();
  }

  private async send(body: Buffer, headers: Record<string, string>): Promise<ContainerResponse> {
    const started = performance.now();
    const latencyMs = () => performance.now() - started;
    try {
      const response = await fetch(`http://${loopback}:${this.port}/invocations`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers,
        signal: AbortSignal.timeout(responseLimitMs),
      });
      const content = Buffer.from(await response.arrayBuffer());
      const contentType = response.headers.get('content-type') ?? 'application/octet-stream';
      return { status: response.status, body: content, contentType, latencyMs: latencyMs() };
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError') return timedOut(latencyMs());
      const reason = error instanceof Error ? error.message : String(error);
      return {
        status: badGateway,
        body: Buffer.from(reason),
        contentType: 'text/plain',
        latencyMs: latencyMs(),
      };
    }
  }

  private async start(): Promise<boolean> {
    this.port = await getPort({ host: loopback });
    this.launch();
    const first = this.child;
    const deadline = Date.now() + startupMs;
    while (Date.now() < deadline && !this.stopped && this.child === first) {
      if (await this.answersPing()) return true;
      await sleep(pingEveryMs);
    }
    return false;
  }

  private launch(): void {
    if (this.stopped) return;
    const child = startChild(process.execPath, [this.input.entry], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: programEnvironment({
        ...this.input.environment,
        SM_MODEL_DIR: this.input.modelFolder,
        SAGEMAKER_BIND_TO_PORT: String(this.port),
      }),
    });
    this.child = child;
    void once(child.process, 'exit').then(() => this.restart());
  }

  private async restart(): Promise<void> {
    await sleep(restartAfterMs);
    this.launch();
  }

  private async answersPing(): Promise<boolean> {
    try {
      const response = await fetch(`http://${loopback}:${this.port}/ping`, {
        signal: AbortSignal.timeout(1_000),
      });
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** The response of the platform instead of the container. */
export function timedOut(latencyMs: number): ContainerResponse {
  const message =
    'Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.';
  return { status: null, body: Buffer.from(message), contentType: 'text/plain', latencyMs };
}
