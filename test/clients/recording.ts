/** Records requests and responses between clients and the emulator as they were on the wire. */
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request and its response. Bodies are in base64. */
export interface Exchange {
  method: string;
  path: string;
  requestHeaders: IncomingHttpHeaders;
  requestBody: string;
  status: number;
  responseHeaders: IncomingHttpHeaders;
  responseBody: string;
}

export interface Recording {
  /** Address of the recording proxy. */
  url: string;
  exchanges: Exchange[];
  stop(): Promise<void>;
}

/** Starts a proxy on its own port of 127.0.0.1. */
export async function record(target: string): Promise<Recording> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    forward(target, incoming)
      .then(({ content, ...exchange }) => {
        exchanges.push(exchange);
        outgoing.writeHead(exchange.status, exchange.responseHeaders).end(content);
      })
      // A lost response stays lost.
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function forward(target: string, incoming: IncomingMessage): Promise<Exchange & { content: Buffer }> {
  const { method = 'GET', url: path = '/', headers } = incoming;
  const body = await readAll(incoming);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(path, target), { method, headers }, resolve).on('error', reject).end(body);
  });
  const content = await readAll(response);
  return {
    method,
    path,
    requestHeaders: headers,
    requestBody: body.toString('base64'),
    status: response.statusCode ?? 0,
    responseHeaders: response.headers,
    responseBody: content.toString('base64'),
    content,
  };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
