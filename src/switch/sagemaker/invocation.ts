/** One call after its assignment: what is sent, what comes back, what is tried instead, and what is written down. */
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
  /** Null where nothing is recorded. */
  recorder: { expose(exposure: Exposure): void } | null;
  hooks: Hooks | null;
  log: SwitchLog;
}

export interface Assigned {
  split: Split | null;
  user: string | null;
  assignment: Assignment;
  /** The header that gives a new user an id; null for all others. */
  setCookie: string | null;
}

export class Invocation {
  private readonly startedAt = performance.now();
  private readonly inferenceId: string;
  private target;
  private isGone = false;
  private abort: () => void = () => undefined;

  constructor(
    private readonly parts: SwitchParts,
    private readonly call: InvocationRequest,
    private readonly who: Assigned,
    private readonly reply: SwitchResponse,
  ) {
    this.target = who.assignment.target;
    this.inferenceId = valueOf(call.headers, inferenceIdHeader) ?? randomUUID();
    reply.onGone(() => {
      this.isGone = true;
      this.abort();
    });
  }

  async run(): Promise<void> {
    let first = 0;
    let fallback: FallbackReason | null = null;
    let status = 0;
    try {
      const sent = await this.prepare();
      let answer = await this.ask(sent, true);
      first = status = answer.status;
      const next =
        answer.held !== null && status >= 400
          ? fallbackOf(
              { status, text: answer.held.toString('utf8') },
              this.who.assignment,
              this.who.split,
              this.parts.config.retryOnBaseline,
            )
          : null;
      if (next !== null) {
        this.target = next.target;
        fallback = next.reason;
        answer = await this.ask(sent, false);
        status = answer.status;
      }
      if (answer.held !== null) await this.answer(answer, answer.held);
    } catch (error) {
      // The client has gone: neither arm's fault.
      if (error instanceof ClientDisconnected) return;
      if (error instanceof HttpError) {
        status = error.status;
        // What the switch's own hook broke is not the model's failure.
        if (first === 0 && !(error instanceof HookFailure)) first = status;
      }
      throw error;
    } finally {
      if (status !== 0) this.record(first, status, fallback);
    }
  }

  /** Body and content type, as the hook left them. */
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

  private async ask(
    { body, headers }: Pick<InvocationRequest, 'body' | 'headers'>,
    mayFallBack: boolean,
  ): Promise<CollectedResponse> {
    const { endpoint, variant } = this.target;
    const path = `/endpoints/${endpoint}/${this.call.operation}`;
    const passed = passRequestHeaders(headers, variant, this.inferenceId);
    const taker = new ResponseCollector(
      this.reply,
      (status) => this.isHeld(status, mayFallBack),
      (answer) => this.headersOf(answer),
    );
    await this.parts.sagemaker
      .invoke({ path, headers: passed, body }, taker, (abort) => {
        this.abort = abort;
        if (this.isGone) abort();
      })
      .catch((error: unknown) => {
        if (taker.isPassing) this.reply.destroy();
        throw error;
      });
    return taker.finish();
  }

  /** An error may be answered by something else, and what a hook changes must be there as a whole. */
  private isHeld(status: number, mayFallBack: boolean): boolean {
    const { hooks } = this.parts;
    if (hooks !== null && hooks.has('after') && this.call.operation === 'invocations') return true;
    return mayFallBack && status >= 400 && this.who.split !== null;
  }

  private async answer({ status, headers }: CollectedResponse, held: Buffer): Promise<void> {
    const { hooks } = this.parts;
    let body = held;
    let contentType = headers['content-type'] ?? null;
    if (hooks !== null && hooks.has('after'))
      ({ body, contentType } = await hooks.after({ ...this.context(), status, headers, contentType, body }));
    const changed = {
      ...headers,
      ...(contentType === null ? {} : { 'content-type': contentType }),
      'content-length': String(body.length),
    };
    this.reply.start(status, this.headersOf(changed));
    this.reply.write(body);
    this.reply.end();
  }

  private headersOf(headers: IncomingHttpHeaders): string[] {
    const passed = passResponseHeaders(headers);
    passed.push(inferenceIdHeader, this.inferenceId);
    if (this.who.setCookie !== null) passed.push('set-cookie', this.who.setCookie);
    return passed;
  }

  private context() {
    const { endpoint } = this.call;
    const { inferenceId } = this;
    const { user, assignment } = this.who;
    return { endpoint, user, role: assignment.role, variant: this.target.variant, inferenceId };
  }

  private record(first: number, status: number, fallback: FallbackReason | null): void {
    const { split, user, assignment } = this.who;
    const { role, reason, target } = assignment;
    const exposure: Exposure = {
      atMs: Date.now(),
      endpoint: this.call.endpoint.toLowerCase(),
      rolloutId: split?.rolloutId ?? null,
      role,
      variant: target.variant,
      reason,
      user,
      inferenceId: this.inferenceId,
      status,
      hasFailed: first >= 500 || first === 424,
      latencyMs: performance.now() - this.startedAt,
      fallback,
    };
    this.parts.metrics.invoked(exposure);
    this.parts.recorder?.expose(exposure);
  }
}
