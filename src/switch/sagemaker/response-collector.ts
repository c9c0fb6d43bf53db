/** Streams a response to the client, or buffers it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { SwitchResponse } from '../http/switch-response.js';
import type { Flow, ResponseSink } from './sagemaker.js';

export interface CollectedResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body. Null if it was streamed to the client. */
  buffered: Buffer | null;
}

export class ResponseCollector implements ResponseSink {
  isStreaming = false;
  private head: { status: number; headers: IncomingHttpHeaders } = { status: 0, headers: {} };
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly response: SwitchResponse,
    private readonly mustBuffer: (status: number) => boolean,
    private readonly headersOf: (headers: IncomingHttpHeaders) => string[],
  ) {}

  begin(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    this.head = { status, headers };
    if (this.mustBuffer(status)) return;
    this.isStreaming = true;
    this.response.onDrain(() => flow.resume());
    this.response.start(status, this.headersOf(headers));
  }

  data(chunk: Buffer): boolean {
    if (this.isStreaming) return this.response.write(chunk);
    this.chunks.push(chunk);
    return true;
  }

  finish(): CollectedResponse {
    if (this.isStreaming) this.response.end();
    return { ...this.head, buffered: this.isStreaming ? null : Buffer.concat(this.chunks) };
  }
}
