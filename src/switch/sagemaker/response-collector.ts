/** Passes an answer on as it comes, or holds it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { SwitchResponse } from '../http/switch-response.js';
import type { Flow, ResponseSink } from './sagemaker.js';

export interface CollectedResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** Null: it went to the client as it came. */
  held: Buffer | null;
}

export class ResponseCollector implements ResponseSink {
  isPassing = false;
  private answer: { status: number; headers: IncomingHttpHeaders } = { status: 0, headers: {} };
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly reply: SwitchResponse,
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

  finish(): CollectedResponse {
    if (this.isPassing) this.reply.end();
    return { ...this.answer, held: this.isPassing ? null : Buffer.concat(this.chunks) };
  }
}
