/**
 * The orders of the openb trace are permutations of lists sorted by name, so names are unique and the order is
 * the one of their UTF-16 units, whatever the locale.
 */
import { fail } from '../errors.ts';

/** A sorted copy. @throws StowageError MALFORMED_TRACE when a name occurs twice */
export function byName<T extends { readonly name: string }>(items: readonly T[], path: string): T[] {
  const sorted = [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i].name === sorted[i - 1].name) {
      fail('MALFORMED_TRACE', `${path}: the name "${sorted[i].name}" occurs twice; remove one of the lines.`);
    }
  }
  return sorted;
}
