/** Pages of a view, one thing after the other: for who does more with each than a step of an iteration costs. */
export async function* eachOf<Item>(
  pages: AsyncIterable<readonly Item[]>,
): AsyncGenerator<Item, void> {
  for await (const page of pages) yield* page;
}
