import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { World } from '../world/world.js';
import { handleAdmin } from './admin.js';
import { handleJsonRpc } from './json-rpc.js';
import { handleRestJson } from './rest-json.js';

/** The emulator answers anybody who reaches it, so nobody beyond this machine may. */
const loopback = '127.0.0.1';
const maximumBodyBytes = 32 * 1024 * 1024;

export async function listen(world: World, port: number, host = loopback): Promise<Server> {
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

async function handle(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // No web page has any business here, and browsers name the page that asks.
  if (request.headers.origin !== undefined) {
    response.writeHead(403).end();
    return;
  }
  const body = await readBody(request);
  for (const handler of [handleAdmin, handleJsonRpc, handleRestJson]) {
    if (await handler(world, request, body, response)) return;
  }
  response.writeHead(404, {
    'content-type': 'application/json',
    'x-amzn-errortype': 'UnknownOperationException',
  });
  response.end(JSON.stringify({ __type: 'UnknownOperationException' }));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maximumBodyBytes) throw new Error(`the body is larger than ${maximumBodyBytes} bytes`);
  }
  const body = Buffer.concat(chunks);
  // Clients compress large PutMetricData requests.
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
