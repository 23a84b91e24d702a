/**
 * Lists that most often have one entry. An array that is grown from nothing gets room for seventeen; that would be most of
 * the memory that a step takes, and a good part of what a task keeps.
 */

/** The list with one more entry, made anew when there is none yet. */
export function withEntry<T>(list: T[] | undefined, entry: T): T[] {
  if (list === undefined) return [entry];
  list.push(entry);
  return list;
}

/** A copy with one more entry at the end, of just that size. */
export function extended<T>(list: readonly T[], entry: T): readonly T[] {
  const { length } = list;
  if (length === 0) return [entry];
  const copy = new Array<T>(length + 1);
  for (let i = 0; i < length; i++) copy[i] = list[i];
  copy[length] = entry;
  return copy;
}
