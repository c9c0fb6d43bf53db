/**
 * Temporal's remote codec protocol, for the Web UI. Payloads are decrypted on the user's machine, with the user's
 * keys. Source: https://docs.temporal.io/production-deployment/data-encryption
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PayloadCodec } from '@temporalio/common';
import { InvalidRequest, readPayloads, writePayloads } from './payload-json.js';
import { UndecryptablePayload } from './codec-errors.js';

export interface CodecServerOptions {
  codec: PayloadCodec;
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** Origins of the Web UI, such as http://127.0.0.1:8233. */
  origins: readonly string[];
  /** Required in `Authorization: Bearer ...`. Null: not required. */
  token: string | null;
  /** Accepted host names, in addition to the loopback names. */
  hostNames: readonly string[];
  /** Receives one line per request, without payloads. */
  log: (line: string) => void;
}

export interface RunningCodecServer {
  url: string;
  stop(): Promise<void>;
}

type CodecResponse = { status: number; json?: object; headers?: Record<string, string> };

/** A page of a history has many payloads. The gRPC limit is 4 MB, and base64 adds a third. */
const maxRequestBytes = 16 * 2 ** 20;
const limits = { headersTimeout: 10_000, requestTimeout: 30_000 };

/** Rejects if the port is in use. */
export async function startCodecServer(options: CodecServerOptions): Promise<RunningCodecServer> {
  const server = createServer(limits, (request, response) => {
    void respondTo(request, options, (server.address() as AddressInfo).port).then((result) => {
      options.log(`${request.method} ${pathOf(request)} ${result.status}`);
      send(request, response, result);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function respondTo(
  request: IncomingMessage,
  options: CodecServerOptions,
  port: number,
): Promise<CodecResponse> {
  const rejected = rejectionOf(request, options, port);
  if (rejected !== null) return rejected;
  const cors = corsOf(request);
  const result = await respondToAllowed(request, options).catch(failureOf);
  return { ...result, headers: { ...result.headers, ...cors } };
}

/** Rejects pages of other origins, and host names of others that resolve to this address (DNS rebinding). */
function rejectionOf(
  request: IncomingMessage,
  options: CodecServerOptions,
  port: number,
): CodecResponse | null {
  const { origin, host = '' } = request.headers;
  const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (![...names, ...options.hostNames].includes(host.toLowerCase()))
    return rejection(403, 'the Host header is not a name of this server');
  // A program such as the Temporal CLI sends no origin. It must send the token.
  const isProgram = origin === undefined && options.token !== null;
  if (!isProgram && !options.origins.includes(origin ?? ''))
    return rejection(403, 'the origin is not allowed');
  return null;
}

async function respondToAllowed(
  request: IncomingMessage,
  { codec, token }: CodecServerOptions,
): Promise<CodecResponse> {
  const path = pathOf(request);
  if (path !== '/encode' && path !== '/decode') return rejection(404, 'expected /encode or /decode');
  if (request.method === 'OPTIONS') return { status: 204 };
  if (request.method !== 'POST') return rejection(405, 'expected POST', { allow: 'POST, OPTIONS' });
  if (token !== null && !isBearer(request.headers.authorization, token))
    return rejection(401, 'the token is missing or wrong', { 'www-authenticate': 'Bearer' });
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return rejection(415, 'expected content type application/json');
  const payloads = readPayloads(await readBody(request));
  const done = path === '/encode' ? await codec.encode(payloads) : await codec.decode(payloads);
  return { status: 200, json: writePayloads(done) };
}

function corsOf({ headers }: IncomingMessage): Record<string, string> {
  if (headers.origin === undefined) return {};
  return {
    'access-control-allow-origin': headers.origin,
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, x-namespace',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '600',
    ...(headers['access-control-request-private-network'] === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
    vary: 'origin',
  };
}

/** Compares hashes: they have the same length, so the comparison takes constant time. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxRequestBytes) throw new InvalidRequest(413, `expected at most ${maxRequestBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: unknown): CodecResponse {
  if (error instanceof InvalidRequest) return rejection(error.status, error.message, { connection: 'close' });
  // The message names the key that the user may have to add.
  if (error instanceof UndecryptablePayload) return rejection(422, error.message);
  return rejection(500, 'unexpected error');
}

function rejection(status: number, message: string, headers: Record<string, string> = {}): CodecResponse {
  return { status, json: { message }, headers };
}

/** Without the query, which is not part of the protocol. */
function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?');
  return path.slice(0, 100).replaceAll(/[^\x21-\x7e]/g, '');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, json, headers }: CodecResponse,
): void {
  if (!request.complete) request.resume();
  response.writeHead(status, {
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(json === undefined ? undefined : JSON.stringify(json));
}
