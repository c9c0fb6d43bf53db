import type { RequestHead } from './protocol.js';
import { ServiceError } from './service-error.js';

const algorithm = 'AWS4-HMAC-SHA256';
/** Credential scope: access key id, day, region, service. */
const scopePattern = /^[^/\s]+\/\d{8}\/[a-z0-9-]+\/[a-z0-9-]+\/aws4_request$/;
const signaturePattern = /^[0-9a-f]{64}$/;
const datePattern = /^\d{8}T\d{6}Z$/;

/**
 * Refuses an unsigned request, like the services, and a malformed signature. Accepts any credentials, because the
 * emulator cannot check the signature itself. No part of the signature is stored or quoted in a message.
 */
export function requireSignature({ headers, url }: RequestHead): void {
  const { authorization } = headers;
  if (authorization === undefined && !url.searchParams.has('X-Amz-Algorithm')) {
    throw new ServiceError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  }
  const parts =
    authorization === undefined
      ? partsOfQuery(url.searchParams)
      : partsOfHeader(authorization, String(headers['x-amz-date'] ?? headers.date ?? ''));
  const missing = Object.entries(parts).flatMap(([name, value]) => (value === '' ? [name] : []));
  if (missing.length > 0) throw incomplete(`The request's signature lacks ${missing.join(', ')}.`);
  if (parts.Algorithm !== algorithm) throw incomplete(`The signature's algorithm must be ${algorithm}.`);
  if (!scopePattern.test(parts.Credential)) {
    throw incomplete('Credential must be KEY/YYYYMMDD/region/service/aws4_request.');
  }
  if (!signaturePattern.test(parts.Signature)) throw incomplete('Signature must have 64 hexadecimal digits.');
  if (authorization === undefined && !datePattern.test(parts.Date)) {
    throw incomplete('X-Amz-Date must have the form YYYYMMDDTHHMMSSZ.');
  }
}

/** The region and the service that the request is signed for. Null without a signature, or with a malformed one. */
export function signingScopeOf({ headers, url }: RequestHead): { region: string; service: string } | null {
  const given =
    headers.authorization === undefined
      ? url.searchParams.get('X-Amz-Credential')
      : /\bCredential=([^,\s]+)/.exec(headers.authorization)?.[1];
  if (!given || !scopePattern.test(given)) return null;
  const [, , region = '', service = ''] = given.split('/');
  return { region, service };
}

interface SignatureParts {
  Algorithm: string;
  Credential: string;
  SignedHeaders: string;
  Signature: string;
  Date: string;
}

function partsOfHeader(authorization: string, date: string): SignatureParts {
  const [, scheme = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(authorization) ?? [];
  const given = new Map(rest.split(/\s*,\s*/).map((part) => [part.split('=')[0], part.split('=')[1]]));
  const part = (name: string) => given.get(name) ?? '';
  return {
    Algorithm: scheme,
    Credential: part('Credential'),
    SignedHeaders: part('SignedHeaders'),
    Signature: part('Signature'),
    Date: date,
  };
}

function partsOfQuery(query: URLSearchParams): SignatureParts {
  const part = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  return {
    Algorithm: part('Algorithm'),
    Credential: part('Credential'),
    SignedHeaders: part('SignedHeaders'),
    Signature: part('Signature'),
    Date: part('Date'),
  };
}

function incomplete(message: string): ServiceError {
  return new ServiceError('IncompleteSignature', message);
}
