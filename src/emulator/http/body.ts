import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ServiceError } from './service-error.js';

const maximumBytes = 32 * 1024 * 1024;
const unzip = promisify(gunzip);

/** Reads and decompresses the body. Throws ServiceError if it is too large or invalid. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    // The rest is read and dropped, because a client that is disconnected while it writes does not read the response.
    if (bytes <= maximumBytes) chunks.push(chunk as Buffer);
  }
  if (bytes > maximumBytes) throw tooLarge();
  // Names of codings are case-insensitive: RFC 9110, section 8.4.1.
  const coding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  return expand(Buffer.concat(chunks), coding);
}

/** Clients compress large PutMetricData requests. */
async function expand(body: Buffer, coding: string): Promise<Buffer> {
  if (coding === 'identity') return body;
  if (coding !== 'gzip') {
    throw new ServiceError('UnsupportedMediaTypeException', `Content-Encoding ${coding} is not known.`, 415);
  }
  try {
    return await unzip(body, { maxOutputLength: maximumBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw new ServiceError('SerializationException', `The body is no gzip: ${String(error)}`);
  }
}

function tooLarge(): ServiceError {
  return new ServiceError(
    'RequestEntityTooLargeException',
    `Request is larger than ${maximumBytes} bytes.`,
    413,
  );
}
