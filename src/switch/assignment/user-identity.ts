/** The user id of a request, from the first configured source that the request has. */
import type { IncomingHttpHeaders } from 'node:http';
import type { UserSource } from '../config-schema.js';

/** Null if the request has no user id. */
export function findUser(
  sources: readonly UserSource[],
  headers: IncomingHttpHeaders,
  body: Buffer,
): string | null {
  for (const source of sources) {
    const found = readSource(source, headers, body);
    if (found !== null && found !== '') return found;
  }
  return null;
}

function readSource(source: UserSource, headers: IncomingHttpHeaders, body: Buffer): string | null {
  if (source.header !== undefined) return valueOf(headers, source.header);
  if (source.cookie !== undefined) return readCookie(headers.cookie, source.cookie);
  return source.field === undefined ? null : readField(body, source.field);
}

/** The value of a header, or null. */
export function valueOf(headers: IncomingHttpHeaders, name: string): string | null {
  // A plain object: `constructor` is a valid name of a header.
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? value : (value?.join(', ') ?? null);
}

export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

/**
 * Text, or a number in its JSON form: `7` and `"7"` are one user. Null if the body is not JSON or has no such field.
 */
export function readField(body: Buffer, path: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

export interface CookieSettings {
  maxAge: number;
  secure: boolean;
  domain?: string | undefined;
}

/** `maxAge`: milliseconds. No script needs the id (HttpOnly), and forms of other sites do not send it (SameSite). */
export function writeCookie(name: string, id: string, { maxAge, secure, domain }: CookieSettings): string {
  const parts = [
    `${name}=${id}`,
    `Max-Age=${Math.round(maxAge / 1000)}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
  ];
  if (domain !== undefined) parts.push(`Domain=${domain}`);
  if (secure) parts.push('Secure');
  return parts.join('; ');
}
