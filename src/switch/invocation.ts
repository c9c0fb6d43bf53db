/** One call from its assignment to its record: which arm, what is sent, what comes back, and what is tried instead. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Split } from '../plan/split.js';
import { assign, isCounted, isForced, type Assignment } from './assignment.js';
import type { Call } from './call.js';
import type { SwitchConfig } from './config-schema.js';
import type { Exposure } from './exposure.js';
import { fallbackOf, type FallbackReason } from './fallback.js';
import type { Follower } from './follower.js';
import {
  inferenceIdHeader,
  passRequestHeaders,
  passResponseHeaders,
  targetVariantHeader,
} from './headers.js';
import { HookFailure, type Hooks } from './hooks.js';
import type { Log } from './log.js';
import { Refusal } from './refusal.js';
import type { Reply } from './reply.js';
import { ClientGone, type Flow, type SageMaker, type Taker } from './sagemaker.js';
import type { SwitchMetrics } from './switch-metrics.js';
import { findUser, valueOf, writeCookie } from './user-identity.js';

export interface SwitchParts {
  config: SwitchConfig;
  follower: Follower;
  sagemaker: Pick<SageMaker, 'invoke'>;
  metrics: SwitchMetrics;
  /** Null where nothing is recorded. */
  recorder: { expose(exposure: Exposure, isCounted: boolean, isForced: boolean): void } | null;
  hooks: Hooks | null;
  log: Log;
}

/** Never rejects: what goes wrong is the client's answer. */
export async function invoke(parts: SwitchParts, call: Call, reply: Reply): Promise<void> {
  const { config, follower } = parts;
  const key = call.endpoint.toLowerCase();
  try {
    if (config.others === 'refuse' && !config.endpoints.includes(key)) throw notFound(call.endpoint);
    const namedVariant = valueOf(call.headers, targetVariantHeader);
    if (namedVariant !== null && !config.allowTargetVariant) throw variantNotAllowed();
    const wait = follower.freshen(key);
    if (wait !== null) await wait;
    const split = follower.splitOf(key);
    const known = findUser(config.user, call.headers, call.body);
    const cookie =
      known === null ? config.user.find((source) => source.cookie !== undefined)?.cookie : undefined;
    const user = known ?? (cookie === undefined ? null : randomUUID());
    const { endpoint, headers } = call;
    const assignment = assign(config, { endpoint, split, user, headers, namedVariant });
    const setCookie = cookie === undefined || user === null ? null : writeCookie(cookie, user, config.cookie);
    await new Invocation(parts, call, split, user, assignment, setCookie, reply).run();
  } catch (error) {
    refuse(parts, reply, error);
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Null: it went to the client as it came. */
  held: Buffer | null;
}

class Invocation {
  private readonly startedAt = performance.now();
  private readonly inferenceId: string;
  private target;
  private isGone = false;
  private abort: () => void = () => undefined;

  constructor(
    private readonly parts: SwitchParts,
    private readonly call: Call,
    private readonly split: Split | null,
    private readonly user: string | null,
    private readonly assignment: Assignment,
    private readonly setCookie: string | null,
    private readonly reply: Reply,
  ) {
    this.target = assignment.target;
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
              this.assignment,
              this.split,
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
      if (error instanceof ClientGone) return;
      if (error instanceof Refusal) {
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
  private async prepare(): Promise<Pick<Call, 'body' | 'headers'>> {
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
    { body, headers }: Pick<Call, 'body' | 'headers'>,
    mayFallBack: boolean,
  ): Promise<Answer> {
    const { endpoint, variant } = this.target;
    const path = `/endpoints/${endpoint}/${this.call.operation}`;
    const passed = passRequestHeaders(headers, variant, this.inferenceId);
    const taker = new AnswerTaker(
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
    return mayFallBack && status >= 400 && this.split !== null;
  }

  private async answer({ status, headers }: Answer, held: Buffer): Promise<void> {
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
    if (this.setCookie !== null) passed.push('set-cookie', this.setCookie);
    return passed;
  }

  private context() {
    const { endpoint } = this.call;
    const { user, inferenceId } = this;
    return { endpoint, user, role: this.assignment.role, variant: this.target.variant, inferenceId };
  }

  private record(first: number, status: number, fallback: FallbackReason | null): void {
    const { role, reason, target } = this.assignment;
    const exposure: Exposure = {
      atMs: Date.now(),
      endpoint: this.call.endpoint.toLowerCase(),
      rolloutId: this.split?.rolloutId ?? null,
      role,
      variant: target.variant,
      reason,
      user: this.user,
      inferenceId: this.inferenceId,
      status,
      hasFailed: first >= 500 || first === 424,
      latencyMs: performance.now() - this.startedAt,
      fallback,
    };
    this.parts.metrics.invoked(exposure);
    this.parts.recorder?.expose(exposure, isCounted(this.assignment), isForced(this.assignment));
  }
}

/** Passes an answer on as it comes, or holds it. */
class AnswerTaker implements Taker {
  isPassing = false;
  private answer: { status: number; headers: IncomingHttpHeaders } = { status: 0, headers: {} };
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly reply: Reply,
    private readonly isHeld: (status: number) => boolean,
    private readonly headersOf: (headers: IncomingHttpHeaders) => string[],
  ) {}

  begin(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    this.answer = { status, headers };
    if (this.isHeld(status)) return;
    this.isPassing = true;
    this.reply.onDrain(() => flow.resume());
    this.reply.start(status, this.headersOf(headers));
  }

  data(chunk: Buffer): boolean {
    if (this.isPassing) return this.reply.write(chunk);
    this.chunks.push(chunk);
    return true;
  }

  finish(): Answer {
    if (this.isPassing) this.reply.end();
    return { ...this.answer, held: this.isPassing ? null : Buffer.concat(this.chunks) };
  }
}

function refuse({ metrics, log }: SwitchParts, reply: Reply, error: unknown): void {
  if (error instanceof HookFailure) {
    metrics.hookFailed(error.hook);
    log(
      'warn',
      `hook ${error.hook}: ${error.cause instanceof Error ? error.cause.message : String(error.cause)}`,
    );
  } else if (!(error instanceof Refusal))
    log('warn', `unforeseen: ${error instanceof Error ? error.stack : String(error)}`);
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, 'InternalFailure', 'The switch failed.');
  metrics.refused(refusal.status);
  reply.refuse(refusal);
}

function notFound(endpoint: string): Refusal {
  return new Refusal(400, 'ValidationError', `Endpoint ${endpoint} is not one of this switch.`);
}

function variantNotAllowed(): Refusal {
  const message =
    'The switch chooses the variant; TargetVariant is allowed where its allowTargetVariant is true.';
  return new Refusal(400, 'ValidationError', message);
}
