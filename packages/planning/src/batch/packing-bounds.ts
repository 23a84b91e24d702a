/**
 * Bounds that tell the search when nothing better exists: each dimension on its own, as if items could be cut.
 */
import type { PackingModel } from './packing-problem.ts';

/** No packing places more items than this. O(dimensions · (items log items + bins)). */
export function mostItems(model: PackingModel): number {
  const { dimensions, itemCount, demands, binCount, free } = model;
  let most = itemCount;
  for (let k = 0; k < dimensions; k++) {
    const sizes = column(demands, dimensions, k, itemCount).sort();
    let room = column(free, dimensions, k, binCount).reduce((sum, value) => sum + value, 0);
    let count = 0;
    while (count < most && sizes[count] <= room) room -= sizes[count++];
    most = Math.min(most, count);
  }
  return most;
}

/** No packing of so many items opens fewer bins than this. O(dimensions · (items log items + bins log bins)). */
export function fewestOpened(model: PackingModel, placed: number): number {
  const { dimensions, itemCount, demands, binCount, free, used } = model;
  let fewest = 0;
  for (let k = 0; k < dimensions; k++) {
    const sizes = column(demands, dimensions, k, itemCount).sort();
    let need = sizes.subarray(0, placed).reduce((sum, value) => sum + value, 0);
    const rooms = column(free, dimensions, k, binCount);
    for (let bin = 0; bin < binCount; bin++) if (used[bin]) need -= rooms[bin];
    const unused = rooms.filter((_, bin) => !used[bin]).sort();
    let count = 0;
    while (need > 0 && count < unused.length) need -= unused[unused.length - ++count];
    fewest = Math.max(fewest, count);
  }
  return fewest;
}

function column(matrix: Float64Array, dimensions: number, k: number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => matrix[row * dimensions + k]);
}
