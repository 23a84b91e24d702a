/**
 * Columns that became too short: copies with room for more.
 */

/** A copy of an Int32 column with room for `capacity` elements. */
export function grown(column: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(column);
  return larger;
}

/** A copy of a column of doubles with room for `capacity` elements. */
export function grownNumbers(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}

/** A copy of a byte column with room for `capacity` elements. */
export function grownBytes(column: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(capacity);
  larger.set(column);
  return larger;
}
