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
import { HttpResponse } from './switch-response.js';
import { HttpError } from './http-error.js';
import { readLimitedBody } from './request-body.js';
import { handleRequest, sendFailure, type RoutingParts } from './routes.js';

export interface RunningServer {
  host: string;
  port: number;
  /** Accepts no new connections, and settles when the last request has ended, or after `drainMs`. */
  stop(drainMs: number): Promise<void>;
}

/** Milliseconds. A slow client must not keep a connection open without limit. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 65_000,
  // Longer than the 60 s of AWS's load balancers, which must close the connection first.
  keepAliveTimeout: 75_000,
};
const maxHeaderSize = 32 * 2 ** 10;
const sweepMs = 50;

/** Rejects if the port is taken. */
export async function listenSwitch(parts: RoutingParts): Promise<RunningServer> {
  const { host, port } = parts.config.listen;
  let isStopping = false;
  const server = createServer({ ...limits, maxHeaderSize, requireHostHeader: false }, (request, response) => {
    if (isStopping) response.setHeader('connection', 'close');
    handle(parts, request, response, isStopping);
  });
  server.on('clientError', rejectMalformed);
  // Only the size of the headers is limited. With a limit of their number, Node would silently drop the others, and
  // the user id with them.
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
  const switchResponse = new HttpResponse(response);
  const readBody = (maxBytes: number) => readLimitedBody(request, maxBytes);
  const switchRequest = { method, url, headers, readBody };
  // Node would reject such a request too, but without a message.
  const lacksHost = request.httpVersion === '1.1' && headers.host === undefined;
  const handled = lacksHost
    ? Promise.reject(new HttpError(400, 'ValidationError', 'An HTTP/1.1 request must have a Host header.'))
    : handleRequest(parts, switchRequest, switchResponse, isStopping);
  handled.catch((error: unknown) => {
    // The unread rest of a body would come before the next request on the connection.
    if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
    sendFailure(parts, switchResponse, error);
    if (!request.complete) request.resume();
  });
}

const malformedStatus: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, `Expected headers of at most ${maxHeaderSize} bytes.`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive completely in time; send it again.'],
};

/** A malformed HTTP request gets a response with the reason too. Then the switch closes the connection. */
function rejectMalformed({ code = '' }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, message] = malformedStatus[code] ?? [400, 'Expected a well-formed HTTP/1.1 request.'];
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
  // Clients keep their connections open after the last response.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(limit);
  clearInterval(sweep);
}
