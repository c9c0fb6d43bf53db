import { ServiceError } from '../http/service-error.js';

/** One page. A request without MaxResults, or with a larger one, gets `most` items. */
export function pageOf<Item>(
  { MaxResults, NextToken }: { MaxResults?: number; NextToken?: string },
  items: Item[],
  most: number,
): { items: Item[]; NextToken?: string } {
  const start = NextToken === undefined ? '0' : Buffer.from(NextToken, 'base64').toString();
  if (!/^\d+$/.test(start))
    throw new ServiceError('InvalidNextTokenException', 'The next token is not valid.');
  const from = Number(start);
  const to = from + Math.min(most, MaxResults ?? most);
  const next = to < items.length ? { NextToken: Buffer.from(String(to)).toString('base64') } : {};
  return { items: items.slice(from, to), ...next };
}
