/** HTTP receiver of gate questions and notifications: a loopback server that records requests. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Reply = (response: ServerResponse, request: Received) => void;

export class Receiver {
  readonly received: Received[] = [];
  reply: Reply = answer(200);

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body };
        receiver.received.push(received);
        receiver.reply(response, received);
      });
    });
    const receiver = new Receiver(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Uses one reply for each request. The last one stays. */
  replies(first: Reply, ...then: Reply[]): void {
    this.reply = (response, request) => {
      if (then.length > 0) this.replies(...(then as [Reply, ...Reply[]]));
      first(response, request);
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Closes the connection without a response. */
export const hangUp: Reply = (response) => {
  response.socket?.destroy();
};

/** A loopback URL without a listening server. */
export async function deadUrl(): Promise<string> {
  const receiver = await Receiver.open();
  const { url } = receiver;
  await receiver.close();
  return url;
}
