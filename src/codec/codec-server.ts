/**
 * Temporal's remote codec protocol, for the Web UI: what is encrypted is decrypted on the machine of whoever looks at it,
 * with that person's keys. Source: https://docs.temporal.io/production-deployment/data-encryption
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
  /** 0 takes a free one. */
  port: number;
  /** Of the Web UI, such as http://127.0.0.1:8233. */
  origins: readonly string[];
  /** What callers must send as `Authorization: Bearer ...`; null: nothing. */
  token: string | null;
  /** Names by which it may be called, besides those of this machine's loopback. */
  hostNames: readonly string[];
  /** One line, without anything of a payload. */
  log: (line: string) => void;
}

export interface RunningCodecServer {
  url: string;
  stop(): Promise<void>;
}

type CodecResponse = { status: number; json?: object; headers?: Record<string, string> };

/** A history's page has many payloads; gRPC lets 4 MB pass, which base64 makes a third larger. */
const maxRequestBytes = 16 * 2 ** 20;
const limits = { headersTimeout: 10_000, requestTimeout: 30_000 };

/** Rejects where the port is taken. */
export async function startCodecServer(options: CodecServerOptions): Promise<RunningCodecServer> {
  const server = createServer(limits, (request, response) => {
    void answerTo(request, options, (server.address() as AddressInfo).port).then((answer) => {
      options.log(`${request.method} ${pathOf(request)} ${answer.status}`);
      send(request, response, answer);
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

async function answerTo(
  request: IncomingMessage,
  options: CodecServerOptions,
  port: number,
): Promise<CodecResponse> {
  const refused = refusalOf(request, options, port);
  if (refused !== null) return refused;
  const cors = corsOf(request);
  const answer = await answerAllowed(request, options).catch(failureOf);
  return { ...answer, headers: { ...answer.headers, ...cors } };
}

/** Pages of other sites, also those that have had their name point here, get nothing, not even whether it is there. */
function refusalOf(
  request: IncomingMessage,
  options: CodecServerOptions,
  port: number,
): CodecResponse | null {
  const { origin, host = '' } = request.headers;
  const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (![...names, ...options.hostNames].includes(host.toLowerCase()))
    return refusal(403, 'not called by a name of this server');
  // A program, such as temporal's, has no origin; it must have the token.
  const isProgram = origin === undefined && options.token !== null;
  if (!isProgram && !options.origins.includes(origin ?? '')) return refusal(403, 'not of an allowed origin');
  return null;
}

async function answerAllowed(
  request: IncomingMessage,
  { codec, token }: CodecServerOptions,
): Promise<CodecResponse> {
  const path = pathOf(request);
  if (path !== '/encode' && path !== '/decode') return refusal(404, 'only /encode and /decode are here');
  if (request.method === 'OPTIONS') return { status: 204 };
  if (request.method !== 'POST') return refusal(405, 'only POST is taken', { allow: 'POST, OPTIONS' });
  if (token !== null && !isBearer(request.headers.authorization, token))
    return refusal(401, 'the token is missing or wrong', { 'www-authenticate': 'Bearer' });
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return refusal(415, 'only application/json is taken');
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

/** Hashes are of one length, and compared in the same time wherever they differ. */
function isBearer(authorization: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxRequestBytes) throw new InvalidRequest(413, `more than ${maxRequestBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failureOf(error: unknown): CodecResponse {
  if (error instanceof InvalidRequest) return refusal(error.status, error.message, { connection: 'close' });
  // It names the key, which the person who looks may have to add.
  if (error instanceof UndecryptablePayload) return refusal(422, error.message);
  return refusal(500, 'unforeseen');
}

function refusal(status: number, message: string, headers: Record<string, string> = {}): CodecResponse {
  return { status, json: { message }, headers };
}

/** Without the query, which is nothing of the protocol's. */
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
