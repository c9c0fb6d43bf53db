import { ServiceError } from '../../http/service-error.js';

/** One page of a list. The token is the position of the next page. */
export function metricsPageOf<Item>(
  items: Item[],
  token: string | undefined,
  size: number,
): { items: Item[]; NextToken?: string } {
  const from = positionOf(token);
  const to = from + size;
  return { items: items.slice(from, to), ...(to < items.length ? { NextToken: tokenFor(to) } : {}) };
}

export function tokenFor(position: number): string {
  return Buffer.from(String(position)).toString('base64');
}

/** The position in the token, or 0 without a token. */
export function positionOf(token: string | undefined): number {
  const position = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (Number.isInteger(position) && position >= 0) return position;
  throw new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
}
