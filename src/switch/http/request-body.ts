import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.js';

/** Reads a body to its end. Rejects with a Refusal where it is larger than `mostBytes`, or ends before its length. */
export function readLimitedBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // Nothing of it is read where its length already says so.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () =>
      reject(new HttpError(400, 'ValidationError', 'The body ends before its length.')),
    );
  });
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, 'ValidationError', `The body is larger than ${maxBytes} bytes.`);
}
