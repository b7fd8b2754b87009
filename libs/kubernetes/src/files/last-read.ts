/**
 * Reads a thing each time. Where that fails later on, what was read before still counts: files that are replaced one by one
 * are away, or do not belong together, for a moment.
 *
 * @param before - counts from the start
 */
export function lastRead<Value>(read: () => Value, before?: Value): () => Value {
  let last = before;
  return () => {
    try {
      last = read();
    } catch (error) {
      if (last === undefined) throw error;
    }
    return last;
  };
}
