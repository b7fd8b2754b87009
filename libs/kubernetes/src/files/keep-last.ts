/**
 * Makes a reader that gives its last value again if it cannot read. Files that are replaced one by one may be missing, or
 * may not belong together, for a moment.
 *
 * @param initial - the value if the first reading fails
 */
export function keepLast<Value>(read: () => Value, initial?: Value): () => Value {
  let last = initial;
  return () => {
    try {
      last = read();
    } catch (error) {
      if (last === undefined) throw error;
    }
    return last;
  };
}
