/** The switch over HTTP. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpReply } from './http-reply.js';
import { readBody } from './request-body.js';
import { answer, answerFailure, type RoutingParts } from './routes.js';

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
export async function listen(parts: RoutingParts): Promise<RunningServer> {
  const { host, port } = parts.config.listen;
  let isStopping = false;
  const server = createServer({ ...limits, maxHeaderSize }, (request, response) => {
    if (isStopping) response.setHeader('connection', 'close');
    handle(parts, request, response, isStopping);
  });
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
  const reply = new HttpReply(response);
  const asked = { method, url, headers, readBody: (mostBytes: number) => readBody(request, mostBytes) };
  answer(parts, asked, reply, isStopping).catch((error: unknown) => {
    // The rest of a body that nobody reads would stand before the next request on the connection.
    if (!request.complete && !response.headersSent) response.setHeader('connection', 'close');
    answerFailure(parts, reply, error);
    if (!request.complete) request.resume();
  });
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
