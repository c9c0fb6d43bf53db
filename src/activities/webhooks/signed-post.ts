/**
 * One POST of JSON to an address of a spec, signed where it names a secret. No sentence that comes from here holds a secret, or a
 * URL that is one.
 */
import { createHmac } from 'node:crypto';
import { cancellationSignal, Context } from '@temporalio/activity';
import type { ReceiverAddress } from '../../plan/compiled/notifications.js';
import { urlProblem } from '../../plan/spec/fields/address.js';

/** The worker's, for secrets and addresses that a spec only names. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Receiver {
  address: ReceiverAddress;
  secretEnv: string | null;
}

export interface Message {
  /** The same for every try; receivers know repetitions by it. */
  id: string;
  /** JSON. */
  body: string;
}

/**
 * `unsent`: certainly nothing has arrived. `unclear`: it may have. `body` null: it is longer than 64 KB, or broke off.
 * `why` is a clause whose subject is the receiver.
 */
export type PostResult =
  { kind: 'answered'; status: number; body: string | null } | { kind: 'notSent' | 'unknown'; reason: string };

export const timeoutMs = 10_000;
const maxResponseBytes = 64 * 1024;

/** Does not follow redirects. Throws only where the activity is cancelled. */
export async function post(receiver: Receiver, message: Message, env: Environment): Promise<PostResult> {
  const found = resolveReceiver(receiver, env);
  if ('reason' in found) return { kind: 'notSent', ...found };
  const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(found.url, {
      method: 'POST',
      redirect: 'manual',
      headers: headersOf(message, found.secret),
      body: message.body,
      signal,
    });
    return { kind: 'answered', status: response.status, body: await readBody(response) };
  } catch (error) {
    if (cancellationSignal().aborted) return await Context.current().cancelled;
    if (signal.aborted) return { kind: 'unknown', reason: `did not answer within ${timeoutMs / 1000} s` };
    return classify(error);
  }
}

/** For sentences; a URL from the environment is a secret. */
export function describeAddress(address: ReceiverAddress): string {
  return 'env' in address ? `the receiver in ${address.env}` : new URL(address.url).host;
}

function resolveReceiver(
  { address, secretEnv }: Receiver,
  env: Environment,
): { url: string; secret: string | null } | { reason: string } {
  const missing = ['env' in address ? address.env : null, secretEnv].find(
    (name) => name !== null && !env[name],
  );
  if (missing) return { reason: `cannot be reached: the worker has no environment variable ${missing}` };
  const url = 'env' in address ? (env[address.env] ?? '') : address.url;
  const objection = urlProblem(url);
  if (objection !== null) return { reason: `cannot be reached: of its URL, ${objection}` };
  return { url, secret: secretEnv === null ? null : (env[secretEnv] ?? null) };
}

function headersOf({ id, body }: Message, secret: string | null): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'penstock',
    'idempotency-key': id,
    // A kept connection may be closed just as it is used again, and then nobody knows what has arrived.
    connection: 'close',
    ...(secret === null ? {} : { 'x-penstock-signature': signatureOf(secret, body) }),
  };
}

/** By the machine's clock, not Temporal's: the receiver holds it against its own, to refuse what is old. */
function signatureOf(secret: string, body: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

async function readBody(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > maxResponseBytes) return null;
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Met before the first byte of a request is written. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/** Only the code: messages hold host names and addresses. */
function classify(error: unknown): PostResult {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : null);
  if (code !== null && beforeSending.test(code))
    return { kind: 'notSent', reason: `cannot be reached (${code})` };
  return { kind: 'unknown', reason: `broke off the connection${code === null ? '' : ` (${code})`}` };
}

export function codeOf(error: unknown): string | null {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

export function isBeforeSending(code: string | null): boolean {
  return code !== null && beforeSending.test(code);
}
