/**
 * Lines of the cache: what is used together begins with one.
 */

export const LINE_BYTES = 64;

/** The first address from one on at which a line begins. */
export function fromLine(at: number): number {
  return Math.ceil(at / LINE_BYTES) * LINE_BYTES;
}
