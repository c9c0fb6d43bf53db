import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.js';

/** Reads a body to its end. Rejects with HttpError if it is larger than `maxBytes`, or incomplete. */
export function readLimitedBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // If Content-Length is already too large, the body is not read.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    return Promise.reject(bodyTooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(bodyTooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () =>
      reject(
        new HttpError(400, 'ValidationError', 'The request body is incomplete; send the request again.'),
      ),
    );
  });
}

export function bodyTooLarge(maxBytes: number): HttpError {
  return new HttpError(413, 'ValidationError', `Expected a body of at most ${maxBytes} bytes.`);
}
