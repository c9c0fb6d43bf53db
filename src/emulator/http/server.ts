import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Regions } from '../account/regions.js';
import { handleAdmin } from './admin.js';
import { readRequestBody } from './body.js';
import { ServiceError } from './service-error.js';
import { respondToCall } from './wire.js';

/** The emulator accepts every caller, so it listens only on this machine. */
const loopback = '127.0.0.1';

/** Node.js closes idle connections after 5 s, which meets requests that a busy client is just sending. */
const keepAliveMs = 60_000;

export async function listenEmulator(regions: Regions, port: number, host = loopback): Promise<Server> {
  if (host !== loopback) throw new Error(`the emulator listens on ${loopback} only, got host ${host}`);
  const server = createServer((request, response) => {
    handle(regions, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function handle(regions: Regions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Browsers send the origin of the page. No web page is allowed to call the emulator.
  if (request.headers.origin !== undefined) {
    response.writeHead(403).end();
    return;
  }
  const body = await readRequestBody(request).catch((error: unknown) => {
    if (error instanceof ServiceError) return error;
    throw error;
  });
  if (Buffer.isBuffer(body) && (await handleAdmin(regions, request, body, response))) return;
  await respondToCall(regions, request, body, response);
}
