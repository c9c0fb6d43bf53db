/**
 * Sends one POST of JSON to an address of a spec, signed if the spec names a secret. Messages of this file
 * contain neither a secret nor a URL from the environment.
 */
import { createHmac } from 'node:crypto';
import { cancellationSignal, Context } from '@temporalio/activity';
import type { ReceiverAddress } from '../../plan/compiled/notifications.js';
import { urlProblem } from '../../plan/spec/fields/address.js';
import { withDeadline } from '../temporal/deadline.js';
import { ownValue } from '../../plan/units/own-value.js';

/** Environment variables of the worker. They hold secrets and addresses that a spec only names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Empty if the worker has no such variable, also for a name that every object inherits. */
export function variableOf(env: Environment, name: string): string {
  return ownValue(env, name) ?? '';
}

export interface Receiver {
  address: ReceiverAddress;
  secretEnv: string | null;
}

export interface Message {
  /** The same in every try, so that receivers can detect duplicates. */
  id: string;
  /** JSON. */
  body: string;
}

/**
 * - `failed`: there is no answer. The message may have arrived.
 * - `body: null`: the response body is longer than 64 KB, or the connection closed before its end.
 * - `reason`: a clause whose subject is the receiver.
 */
export type PostResult =
  { kind: 'answered'; status: number; body: string | null } | { kind: 'failed'; reason: string };

const timeoutMs = 10_000;
const maxResponseBytes = 64 * 1024;

/** Does not follow redirects. Throws only if the activity is cancelled. */
export async function post(receiver: Receiver, message: Message, env: Environment): Promise<PostResult> {
  const found = resolveReceiver(receiver, env);
  if ('reason' in found) return { kind: 'failed', ...found };
  return withDeadline(cancellationSignal(), timeoutMs, async (signal, isOver): Promise<PostResult> => {
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
      if (isOver()) return { kind: 'failed', reason: `did not answer within ${timeoutMs / 1000} s` };
      return classify(error);
    }
  });
}

/** For messages. A URL from the environment is a secret, so the variable's name replaces it. */
export function describeAddress(address: ReceiverAddress): string {
  return 'env' in address ? `the receiver in ${address.env}` : new URL(address.url).host;
}

function resolveReceiver(
  { address, secretEnv }: Receiver,
  env: Environment,
): { url: string; secret: string | null } | { reason: string } {
  const missing = ['env' in address ? address.env : null, secretEnv].find(
    (name) => name !== null && variableOf(env, name) === '',
  );
  if (missing) return { reason: `cannot be reached: the worker has no environment variable ${missing}` };
  const url = 'env' in address ? variableOf(env, address.env) : address.url;
  const problem = urlProblem(url);
  if (problem !== null) return { reason: `cannot be reached: invalid URL, ${problem}` };
  return { url, secret: secretEnv === null ? null : variableOf(env, secretEnv) };
}

function headersOf({ id, body }: Message, secret: string | null): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'penstock',
    // Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
    'idempotency-key': id,
    // Requests are minutes apart. A reused connection would often close during the request.
    connection: 'close',
    ...(secret === null ? {} : { 'x-penstock-signature': signatureOf(secret, body) }),
  };
}

/**
 * By the machine's clock instead of Temporal's: the receiver compares it with its own clock to reject old
 * requests.
 */
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

/** Errors that occur before the first byte of a request is sent. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

/** Uses only the code, because messages contain host names and addresses. */
function classify(error: unknown): PostResult {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : null);
  const reason =
    code !== null && beforeSending.test(code)
      ? `cannot be reached (${code})`
      : `closed the connection${code === null ? '' : ` (${code})`}`;
  return { kind: 'failed', reason };
}

function codeOf(error: unknown): string | null {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

/** A retry hardly helps. 408, 425 and 429 mean that a later retry may succeed. */
export function isRejection(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** No retry helps. Another worker can have the right address or secret, so 401 and 403 are not final. */
export function isFinal(status: number): boolean {
  const isRedirect = status >= 300 && status < 400;
  return isRedirect || (isRejection(status) && status !== 401 && status !== 403);
}
