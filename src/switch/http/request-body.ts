import type { IncomingMessage } from 'node:http';
import { Refusal } from './http-error.js';

/** Reads a body to its end. Rejects with a Refusal where it is larger than `mostBytes`, or ends before its length. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  // Nothing of it is read where its length already says so.
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.reject(tooLarge(mostBytes));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) reject(tooLarge(mostBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () =>
      reject(new Refusal(400, 'ValidationError', 'The body ends before its length.')),
    );
  });
}

function tooLarge(mostBytes: number): Refusal {
  return new Refusal(413, 'ValidationError', `The body is larger than ${mostBytes} bytes.`);
}
