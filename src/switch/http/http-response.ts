import type { ServerResponse } from 'node:http';
import type { Refusal } from './http-error.js';
import type { Reply } from './switch-response.js';

/** A reply over HTTP. */
export class HttpReply implements Reply {
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

  refuse({ status, headers, body }: Refusal): void {
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
