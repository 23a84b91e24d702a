/**
 * Names with `*` for any characters, and nothing else that is special.
 */

/** A test of names; patterns without `*` fit themselves only. */
export function glob(pattern: string): (name: string) => boolean {
  if (pattern === '*') return () => true;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  if (parts.length === 1) return (name) => name === pattern;
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}
