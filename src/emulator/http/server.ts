import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AccountState } from '../account/account-state.js';
import { handleAdmin } from './admin.js';
import { readRequestBody } from './body.js';
import { ServiceError } from './service-error.js';
import { respondToCall } from './wire.js';

/** The emulator answers anybody who reaches it, so nobody beyond this machine may. */
const loopback = '127.0.0.1';

export async function listenEmulator(world: AccountState, port: number, host = loopback): Promise<Server> {
  if (host !== loopback) throw new Error(`the emulator listens on ${loopback} only, not on ${host}`);
  const server = createServer((request, response) => {
    handle(world, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function handle(
  world: AccountState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // No web page has any business here, and browsers name the page that asks.
  if (request.headers.origin !== undefined) {
    response.writeHead(403).end();
    return;
  }
  const body = await readRequestBody(request).catch((error: unknown) => {
    if (error instanceof ServiceError) return error;
    throw error;
  });
  if (Buffer.isBuffer(body) && (await handleAdmin(world, request, body, response))) return;
  await respondToCall(world, request, body, response);
}
