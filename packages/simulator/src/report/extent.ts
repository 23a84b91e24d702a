/** The least and the greatest of some numbers, however many; undefined of none. */
export function extent(values: readonly number[]): readonly [least: number, most: number] | readonly [] {
  if (values.length === 0) return [];
  return values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [values[0], values[0]],
  );
}
