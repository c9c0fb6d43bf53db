/** A proxy for the emulator. Like AWS, it rejects requests whose signature is more than five minutes old or ahead. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode } from 'cborg';

const toleranceMs = 300_000;

export interface StrictAws {
  url: string;
  /** Numbers of rejected and of forwarded requests. */
  counts: { rejected: number; passed: number };
  close(): Promise<void>;
}

export async function openStrictAws(emulator: string): Promise<StrictAws> {
  const counts = { rejected: 0, passed: 0 };
  const server = createServer((incoming, answer) => {
    const signedMs = signedAt(incoming);
    if (Math.abs(Date.now() - signedMs) > toleranceMs) {
      counts.rejected++;
      incoming.resume();
      reject(incoming, answer, signedMs);
    } else {
      counts.passed++;
      passOn(emulator, incoming, answer);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url, counts, close };
}

/** Epoch milliseconds; NaN without a date header. */
function signedAt({ headers }: IncomingMessage): number {
  const stamp = String(headers['x-amz-date']);
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
function reject({ headers }: IncomingMessage, answer: ServerResponse, signedMs: number): void {
  const name = 'InvalidSignatureException';
  const how = signedMs < Date.now() ? 'Signature expired' : 'Signature not yet current';
  const message = `${how}: ${new Date(signedMs).toISOString()} is not within 5 min. of now`;
  const type = String(headers['content-type'] ?? 'application/json');
  answer.writeHead(403, { 'content-type': type, 'x-amzn-errortype': name, ...protocolOf(type) });
  const body = { __type: name, message };
  answer.end(type.includes('cbor') ? encode(body) : JSON.stringify(body));
}

function protocolOf(type: string): Record<string, string> {
  return type.includes('cbor') ? { 'smithy-protocol': 'rpc-v2-cbor' } : {};
}

function passOn(emulator: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url = '/', headers } = incoming;
  const outgoing = request(new URL(url, emulator), { ...(method ? { method } : {}), headers }, (received) => {
    answer.writeHead(received.statusCode ?? 500, received.headers);
    received.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}
