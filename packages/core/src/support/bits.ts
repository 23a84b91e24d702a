/**
 * Sets of small integers as columns of words, one bit each.
 */

/** Words for the integers below a number. */
export function wordsFor(count: number): number {
  return Math.ceil(count / 32);
}

export function hasBit(words: Int32Array, bit: number): boolean {
  return ((words[bit >>> 5] >>> (bit & 31)) & 1) === 1;
}

export function flipBit(words: Int32Array, bit: number): void {
  words[bit >>> 5] ^= 1 << (bit & 31);
}

/** Writes the integers in a set, in order. @returns their number. O(words + integers) */
export function bitsInto(words: Int32Array, bits: Int32Array): number {
  let count = 0;
  for (let w = 0; w < words.length; w++) {
    for (let word = words[w]; word !== 0; word &= word - 1) {
      bits[count++] = (w << 5) + (31 - Math.clz32(word & -word));
    }
  }
  return count;
}
