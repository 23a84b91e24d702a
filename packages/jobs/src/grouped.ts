/**
 * Things by a key. Order is kept: groups stand in the order of their first members, members in the order given. So what is
 * made of groups is the same on every run.
 */

/** O(members). */
export function grouped<T, K>(members: Iterable<T>, keyOf: (member: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}
