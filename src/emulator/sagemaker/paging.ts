import { validationError } from '../http/service-error.js';

const defaultPageSize = 10;

/** Common members of list operations. */
interface ListRequest {
  NextToken?: string;
  MaxResults?: number;
  NameContains?: string;
  CreationTimeAfter?: Date;
  CreationTimeBefore?: Date;
  LastModifiedTimeAfter?: Date;
  LastModifiedTimeBefore?: Date;
  SortOrder?: string;
  SortBy?: string;
}

interface ListedItem {
  name: string;
  createdAt: number;
  status?: string;
  modifiedAt?: number;
}

/** One page of the matching items. Default order: newest first. */
export function page<Item extends ListedItem>(
  request: ListRequest,
  items: Iterable<Item>,
  order: 'Ascending' | 'Descending' = 'Descending',
): { items: Item[]; NextToken?: string } {
  const direction = (request.SortOrder ?? order) === 'Ascending' ? 1 : -1;
  const matching = [...items]
    .filter((item) => matches(request, item))
    // Items of the same millisecond keep the order of their creation.
    .map((item, index) => ({ item, index }))
    .sort(
      (a, b) =>
        direction *
        (compare(sortValue(a.item, request.SortBy), sortValue(b.item, request.SortBy)) || a.index - b.index),
    )
    .map(({ item }) => item);
  const from =
    request.NextToken === undefined ? 0 : Number(Buffer.from(request.NextToken, 'base64').toString());
  if (!Number.isInteger(from)) throw validationError('Invalid pagination token.');
  const to = from + (request.MaxResults ?? defaultPageSize);
  const token = to < matching.length ? { NextToken: Buffer.from(String(to)).toString('base64') } : {};
  return { items: matching.slice(from, to), ...token };
}

function matches(request: ListRequest, item: ListedItem): boolean {
  const modifiedAt = item.modifiedAt ?? item.createdAt;
  return (
    item.name.toLowerCase().includes(request.NameContains?.toLowerCase() ?? '') &&
    item.createdAt >= (request.CreationTimeAfter?.getTime() ?? -Infinity) &&
    item.createdAt < (request.CreationTimeBefore?.getTime() ?? Infinity) &&
    modifiedAt >= (request.LastModifiedTimeAfter?.getTime() ?? -Infinity) &&
    modifiedAt < (request.LastModifiedTimeBefore?.getTime() ?? Infinity)
  );
}

function sortValue(item: ListedItem, by: string | undefined): string | number {
  if (by === 'Name') return item.name;
  if (by === 'Status') return item.status ?? '';
  if (by === 'LastModifiedTime') return item.modifiedAt ?? item.createdAt;
  return item.createdAt;
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
