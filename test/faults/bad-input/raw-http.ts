/** Sends raw bytes, for requests that no HTTP client would send. */
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

const timeoutMs = 20_000;

/** Returns the first response on a new connection, and rejects if there is none. `end` closes the sending side. */
export function sendRaw(port: number, bytes: string | Buffer, end = false): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      // The server may close the connection before it has read everything.
      if (end) socket.end(bytes);
      else socket.write(bytes);
    });
    const received: Buffer[] = [];
    const settle = () => {
      const answer = answerIn(Buffer.concat(received).toString('latin1'));
      if (answer === null) return false;
      socket.destroy();
      resolve(answer);
      return true;
    };
    const fail = (why: string) => {
      if (!settle()) reject(new Error(`${why}: ${Buffer.concat(received).toString('latin1').slice(0, 300)}`));
    };
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      settle();
    });
    socket.on('error', (error) => fail(String(error)));
    socket.on('close', () => fail('no answer'));
    socket.setTimeout(timeoutMs, () => {
      fail('the connection hangs');
      socket.destroy();
    });
  });
}

/** Null: the response is not complete yet. */
function answerIn(text: string): RawAnswer | null {
  const end = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (end < 0 || status === undefined) return null;
  const head = text.slice(0, end);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  const body = text.slice(end + 4);
  return body.length < length ? null : { status: Number(status), head, body: body.slice(0, length) };
}
