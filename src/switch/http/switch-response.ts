import type { ServerResponse } from 'node:http';
import type { HttpError } from './http-error.js';

/** The response to one call: over HTTP, or the result of a Lambda function. */
export interface SwitchResponse {
  /** `headers`: name, value, name, value, ... Called once. */
  start(status: number, headers: string[]): void;
  /** False: the client reads slowly. `onDrain` reports when the client has caught up. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** Instead of `start`, `write` and `end`. Does nothing if the client is gone or a response was started. */
  sendError(error: HttpError): void;
  /** Ends a response that cannot be completed, so that the client does not take it for a complete one. */
  destroy(): void;
  onDrain(resume: () => void): void;
  /** The client closed the connection before the end. */
  onDisconnect(callback: () => void): void;
}

export class HttpResponse implements SwitchResponse {
  constructor(private readonly response: ServerResponse) {}

  start(status: number, headers: string[]): void {
    this.response.writeHead(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    return this.response.write(chunk);
  }

  end(): void {
    this.response.end();
  }

  sendError({ status, headers, body }: HttpError): void {
    if (this.response.headersSent || this.response.destroyed) return;
    this.response.writeHead(status, headers).end(body);
  }

  destroy(): void {
    this.response.destroy();
  }

  onDrain(resume: () => void): void {
    this.response.on('drain', resume);
  }

  onDisconnect(callback: () => void): void {
    this.response.on('close', () => {
      if (!this.response.writableFinished) callback();
    });
  }
}
