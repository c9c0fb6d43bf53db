/** Takes the items one after another, so many at a time. */
export async function mapWithConcurrency<T>(
  lanes: number,
  items: T[],
  take: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const drive = async () => {
    for (const item of rest) await take(item);
  };
  await Promise.all(Array.from({ length: lanes }, drive));
}
