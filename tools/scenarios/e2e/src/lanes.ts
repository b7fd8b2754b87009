/** Does `work` `count` times, and at most `lanes` at a time. */
export async function inLanes(
  count: number,
  work: (index: number) => Promise<void>,
  lanes = 10,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
