import { z } from 'zod';
import { validationError } from '../http/service-error.js';

const defaultPageSize = 10;

/** Members that all list operations share. */
export const listRequest = z.looseObject({
  NextToken: z.string().optional(),
  MaxResults: z.int().min(1).max(100).optional(),
  NameContains: z.string().optional(),
  SortOrder: z.enum(['Ascending', 'Descending']).optional(),
  SortBy: z.enum(['Name', 'CreationTime', 'Status', 'LastModifiedTime']).optional(),
});

interface Listed {
  name: string;
  createdAt: number;
  status?: string;
  modifiedAt?: number;
}

/** One page of the matching items, newest first unless asked otherwise. */
export function page<Item extends Listed>(
  request: z.output<typeof listRequest>,
  items: Iterable<Item>,
): { items: Item[]; NextToken?: string } {
  const wanted = request.NameContains?.toLowerCase() ?? '';
  const direction = request.SortOrder === 'Ascending' ? 1 : -1;
  const matching = [...items]
    .filter((item) => item.name.toLowerCase().includes(wanted))
    .sort((a, b) => direction * compare(sortValue(a, request.SortBy), sortValue(b, request.SortBy)));
  const from =
    request.NextToken === undefined ? 0 : Number(Buffer.from(request.NextToken, 'base64').toString());
  if (!Number.isInteger(from)) throw validationError('Invalid pagination token.');
  const to = from + (request.MaxResults ?? defaultPageSize);
  const token = to < matching.length ? { NextToken: Buffer.from(String(to)).toString('base64') } : {};
  return { items: matching.slice(from, to), ...token };
}

function sortValue(item: Listed, by: string | undefined): string | number {
  if (by === 'Name') return item.name;
  if (by === 'Status') return item.status ?? '';
  if (by === 'LastModifiedTime') return item.modifiedAt ?? item.createdAt;
  return item.createdAt;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
