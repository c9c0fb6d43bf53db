/**
 * AWS Signature Version 4 for requests without a query (https://docs.aws.amazon.com/IAM/latest/UserGuide/
 * reference_sigv-create-signed-request.html). Every request needs a signature, so the signer uses no promises and
 * caches its keys: docs/adr/0010-switch-hot-path.md has the figures. A test compares it with the SDK's signer.
 */
import { createHmac, hash } from 'node:crypto';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface Unsigned {
  method: string;
  /** Contains only characters that need no encoding. */
  path: string;
  host: string;
  /** Name, value, name, value, ... Names are in lower case. */
  headers: readonly string[];
  body: Uint8Array;
}

interface DayKey {
  credentials: Credentials;
  day: string;
  inner: Buffer;
  outer: Buffer;
}

const algorithm = 'AWS4-HMAC-SHA256';
const blockBytes = 64;

export class Signer {
  private key: DayKey | null = null;
  private second = NaN;
  private date = '';

  constructor(
    private readonly region: string,
    private readonly service: string,
  ) {}

  /** The headers of the request and those of the signature. The HTTP client adds the Host header. */
  sign({ method, path, host, headers, body }: Unsigned, credentials: Credentials, nowMs: number): string[] {
    const date = this.dateOf(nowMs);
    const day = date.slice(0, 8);
    const key = this.keyOf(credentials, day);
    const signed = ['host', host, 'x-amz-date', date];
    if (credentials.sessionToken !== undefined) signed.push('x-amz-security-token', credentials.sessionToken);
    const [lines, names] = canonicalHeaders(signed, headers);
    const canonical = `${method}\n${path}\n\n${lines}\n${names}\n${hash('sha256', body, 'hex')}`;
    const scope = `${day}/${this.region}/${this.service}/aws4_request`;
    const toSign = `${algorithm}\n${date}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hmacHex(key, toSign)}`;
    return [...headers, ...signed.slice(2), 'authorization', authorization];
  }

  private dateOf(nowMs: number): string {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.second) {
      this.second = second;
      this.date = `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
    }
    return this.date;
  }

  private keyOf(credentials: Credentials, day: string): DayKey {
    if (this.key?.day === day && this.key.credentials === credentials) return this.key;
    const steps = [day, this.region, this.service, 'aws4_request'];
    const secret = steps.reduce<Buffer>(
      (key, step) => createHmac('sha256', key).update(step).digest(),
      Buffer.from(`AWS4${credentials.secretAccessKey}`),
    );
    return (this.key = { credentials, day, inner: padded(secret, 0x36), outer: padded(secret, 0x5c) });
  }
}

/** One `name:value` per line, and the names separated by semicolons. Both are sorted by name. */
function canonicalHeaders(own: readonly string[], given: readonly string[]): [lines: string, names: string] {
  const pairs: [string, string][] = [];
  for (const flat of [own, given])
    for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] ?? '', flat[i + 1] ?? '']);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  let lines = '';
  let names = '';
  for (const [name, value] of pairs) {
    lines += `${name}:${value.includes('  ') || value.includes('\t') ? value.replaceAll(/[ \t]+/g, ' ') : value}\n`;
    names += names === '' ? name : `;${name}`;
  }
  return [lines, names];
}

/** HMAC (RFC 2104) as two hashes over the padded key, because Node's one-shot hash is faster than its Hmac. */
function hmacHex({ inner, outer }: DayKey, text: string): string {
  const first = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
  return hash('sha256', Buffer.concat([outer, first]), 'hex');
}

function padded(key: Buffer, with_: number): Buffer {
  const block = Buffer.alloc(blockBytes, with_);
  for (const [i, byte] of key.entries()) block[i] = byte ^ with_;
  return block;
}
