/** Processes the items in order, at most `limit` at a time. */
export async function mapWithConcurrency<T>(
  limit: number,
  items: T[],
  process: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const work = async () => {
    for (const item of remaining) await process(item);
  };
  await Promise.all(Array.from({ length: limit }, work));
}
