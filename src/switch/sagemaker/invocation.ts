/** One call after its assignment: the request to SageMaker, a fallback, the response, and the record. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Split } from '../../plan/split/split.js';
import { ResponseCollector, type CollectedResponse } from './response-collector.js';
import type { Assignment } from '../assignment/assignment.js';
import type { InvocationRequest } from './call.js';
import type { SwitchConfig } from '../config-schema.js';
import type { Exposure } from '../assignment/exposure.js';
import { fallbackOf, type FallbackReason } from './fallback.js';
import type { SplitFollower } from '../split/follower.js';
import { inferenceIdHeader, passRequestHeaders, passResponseHeaders } from '../http/headers.js';
import { HookFailure, type Hooks } from './hooks.js';
import type { SwitchLog } from '../log.js';
import { HttpError } from '../http/http-error.js';
import type { SwitchResponse } from '../http/switch-response.js';
import { ClientDisconnected, type SageMaker } from './sagemaker.js';
import type { SwitchMetrics } from '../records/switch-metrics.js';
import { valueOf } from '../assignment/user-identity.js';

export interface SwitchParts {
  config: SwitchConfig;
  follower: SplitFollower;
  sagemaker: Pick<SageMaker, 'invoke'>;
  metrics: SwitchMetrics;
  /** Null if the switch keeps no records. */
  recorder: { expose(exposure: Exposure): void } | null;
  hooks: Hooks | null;
  log: SwitchLog;
}

export interface Assigned {
  split: Split | null;
  user: string | null;
  assignment: Assignment;
  /** The Set-Cookie header with the id of a new user; null for all other users. */
  setCookie: string | null;
}

export class Invocation {
  private readonly startedAt = performance.now();
  private readonly inferenceId: string;
  private target;
  private isDisconnected = false;
  private abort: () => void = () => undefined;

  constructor(
    private readonly parts: SwitchParts,
    private readonly call: InvocationRequest,
    private readonly assigned: Assigned,
    private readonly response: SwitchResponse,
  ) {
    this.target = assigned.assignment.target;
    this.inferenceId = valueOf(call.headers, inferenceIdHeader) ?? randomUUID();
    response.onDisconnect(() => {
      this.isDisconnected = true;
      this.abort();
    });
  }

  async run(): Promise<void> {
    let firstStatus = 0;
    let fallback: FallbackReason | null = null;
    let status = 0;
    try {
      const request = await this.prepare();
      let response = await this.send(request, true);
      firstStatus = status = response.status;
      const next =
        response.buffered !== null && status >= 400
          ? fallbackOf(
              { status, text: response.buffered.toString('utf8') },
              this.assigned.assignment,
              this.assigned.split,
              this.parts.config.retryOnBaseline,
            )
          : null;
      if (next !== null) {
        this.target = next.target;
        fallback = next.reason;
        response = await this.send(request, false);
        status = response.status;
      }
      if (response.buffered !== null) await this.respond(response, response.buffered);
    } catch (error) {
      // The client disconnected, which is a failure of neither arm.
      if (error instanceof ClientDisconnected) return;
      if (error instanceof HttpError) {
        status = error.status;
        // A failed hook is not a failure of the model.
        if (firstStatus === 0 && !(error instanceof HookFailure)) firstStatus = status;
      }
      throw error;
    } finally {
      if (status !== 0) this.record(firstStatus, status, fallback);
    }
  }

  /** Body and headers after the hook. */
  private async prepare(): Promise<Pick<InvocationRequest, 'body' | 'headers'>> {
    const { hooks } = this.parts;
    const { body, headers } = this.call;
    if (hooks === null || !hooks.has('before')) return { body, headers };
    const contentType = headers['content-type'] ?? null;
    const changed = await hooks.before({ ...this.context(), headers, contentType, body });
    return {
      body: changed.body,
      headers: changed.contentType === null ? headers : { ...headers, 'content-type': changed.contentType },
    };
  }

  private async send(
    { body, headers }: Pick<InvocationRequest, 'body' | 'headers'>,
    canFallBack: boolean,
  ): Promise<CollectedResponse> {
    const { endpoint, variant } = this.target;
    const path = `/endpoints/${endpoint}/${this.call.operation}`;
    const passed = passRequestHeaders(headers, variant, this.inferenceId);
    const collector = new ResponseCollector(
      this.response,
      (status) => this.mustBuffer(status, canFallBack),
      (received) => this.headersOf(received),
    );
    await this.parts.sagemaker
      .invoke({ path, headers: passed, body }, collector, (abort) => {
        this.abort = abort;
        if (this.isDisconnected) abort();
      })
      .catch((error: unknown) => {
        if (collector.isStreaming) this.response.destroy();
        throw error;
      });
    return collector.finish();
  }

  /** An error may lead to a fallback, and a hook needs the complete response. */
  private mustBuffer(status: number, canFallBack: boolean): boolean {
    const { hooks } = this.parts;
    if (hooks !== null && hooks.has('after') && this.call.operation === 'invocations') return true;
    return canFallBack && status >= 400 && this.assigned.split !== null;
  }

  private async respond({ status, headers }: CollectedResponse, buffered: Buffer): Promise<void> {
    const { hooks } = this.parts;
    let body = buffered;
    let contentType = headers['content-type'] ?? null;
    if (hooks !== null && hooks.has('after'))
      ({ body, contentType } = await hooks.after({ ...this.context(), status, headers, contentType, body }));
    const changed = {
      ...headers,
      ...(contentType === null ? {} : { 'content-type': contentType }),
      'content-length': String(body.length),
    };
    this.response.start(status, this.headersOf(changed));
    this.response.write(body);
    this.response.end();
  }

  private headersOf(headers: IncomingHttpHeaders): string[] {
    const passed = passResponseHeaders(headers);
    passed.push(inferenceIdHeader, this.inferenceId);
    if (this.assigned.setCookie !== null) passed.push('set-cookie', this.assigned.setCookie);
    return passed;
  }

  private context() {
    const { endpoint } = this.call;
    const { inferenceId } = this;
    const { user, assignment } = this.assigned;
    return { endpoint, user, role: assignment.role, variant: this.target.variant, inferenceId };
  }

  private record(firstStatus: number, status: number, fallback: FallbackReason | null): void {
    const { split, user, assignment } = this.assigned;
    const { role, reason, target } = assignment;
    const exposure: Exposure = {
      atMs: Date.now(),
      endpoint: this.call.endpoint.toLowerCase(),
      rolloutId: split?.rolloutId ?? null,
      role,
      split: split && { sequence: split.sequence, candidateShare: split.candidateShare },
      variant: target.variant,
      reason,
      user,
      inferenceId: this.inferenceId,
      status,
      hasFailed: firstStatus >= 500 || firstStatus === 424,
      latencyMs: performance.now() - this.startedAt,
      fallback,
    };
    this.parts.metrics.invoked(exposure);
    this.parts.recorder?.expose(exposure);
  }
}
