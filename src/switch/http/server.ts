/** The switch over HTTP. */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpResponse } from './http-response.js';
import { HttpError } from './http-error.js';
import { readLimitedBody } from './request-body.js';
import { handleRequest, answerFailure, type RoutingParts } from './routes.js';

export interface RunningServer {
  host: string;
  port: number;
  /** Takes no new connection, answers what is under way, and settles when the last has ended or after `drainMs`. */
  stop(drainMs: number): Promise<void>;
}

/** Milliseconds. A client that sends slowly is no reason to keep a connection for ever. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 65_000,
  // Longer than the 60 s of AWS's load balancers, which must be the first to hang up.
  keepAliveTimeout: 75_000,
};
const maxHeaderSize = 32 * 2 ** 10;
const sweepMs = 50;

/** Rejects where the port is taken. */
export async function listenSwitch(parts: RoutingParts): Promise<RunningServer> {
  const { host, port } = parts.config.listen;
  let isStopping = false;
  const server = createServer({ ...limits, maxHeaderSize, requireHostHeader: false }, (request, response) => {
    if (isStopping) response.setHeader('connection', 'close');
    handle(parts, request, response, isStopping);
  });
  server.on('clientError', refuseBroken);
  // Their size is limited; of more than so many, Node would drop the rest without a word, and the user's id with it.
  server.maxHeadersCount = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    stop: (drainMs) => {
      isStopping = true;
      return drain(server, drainMs);
    },
  };
}

function handle(
  parts: RoutingParts,
  request: IncomingMessage,
  response: ServerResponse,
  isStopping: boolean,
): void {
  const { method = '', url = '', headers } = request;
  const reply = new HttpResponse(response);
  const asked = { method, url, headers, readBody: (maxBytes: number) => readLimitedBody(request, maxBytes) };
  // Node would refuse it too, without a word.
  const nameless = request.httpVersion === '1.1' && headers.host === undefined;
  const answered = nameless
    ? Promise.reject(new HttpError(400, 'ValidationError', 'A request of HTTP/1.1 must have a Host header.'))
    : handleRequest(parts, asked, reply, isStopping);
  answered.catch((error: unknown) => {
    // The rest of a body that nobody reads would stand before the next request on the connection.
    if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
    answerFailure(parts, reply, error);
    if (!request.complete) request.resume();
  });
}

const brokenStatus: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are larger than ${maxHeaderSize} bytes.`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come to its end in time.'],
};

/** What is no request of HTTP gets an answer with a reason too, and then the connection's end. */
function refuseBroken({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, message] = brokenStatus[code] ?? [400, 'The request is not well-formed HTTP/1.1.'];
  const { headers, body } = new HttpError(status, 'ValidationError', message);
  const lines = Array.from(
    { length: headers.length / 2 },
    (_, i) => `${headers[2 * i]}: ${headers[2 * i + 1]}`,
  );
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', ...lines, '', ''];
  socket.end(Buffer.concat([Buffer.from(head.join('\r\n')), body]));
}

async function drain(server: Server, drainMs: number): Promise<void> {
  const limit = setTimeout(() => server.closeAllConnections(), drainMs);
  // Clients keep their connections alive after the answer that was under way.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(limit);
  clearInterval(sweep);
}
