/** The same small request for many files, a few at a time. Gives back how many did not succeed. */
export async function forEachFew<T>(items: readonly T[], work: (item: T) => Promise<unknown>, width = 4): Promise<number> {
  const rest = [...items];
  let failed = 0;
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      try {
        await work(item);
      } catch {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return failed;
}
