/**
 * Works on several items at once, and yields what becomes of each in the items' order.
 * @param width how many at most; their results wait in memory.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => {}); // Seen when its turn comes.
    begun.push(result);
    const first = begun.length >= width ? begun.shift() : undefined;
    if (first) yield await first;
  }
  for (const result of begun) yield await result;
}
