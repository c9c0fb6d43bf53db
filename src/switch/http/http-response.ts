import type { ServerResponse } from 'node:http';
import type { HttpError } from './http-error.js';
import type { SwitchResponse } from './switch-response.js';

/** A reply over HTTP. */
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

  refuse({ status, headers, body }: HttpError): void {
    if (this.response.headersSent || this.response.destroyed) return;
    this.response.writeHead(status, headers).end(body);
  }

  destroy(): void {
    this.response.destroy();
  }

  onDrain(resume: () => void): void {
    this.response.on('drain', resume);
  }

  onGone(give: () => void): void {
    this.response.on('close', () => {
      if (!this.response.writableFinished) give();
    });
  }
}
