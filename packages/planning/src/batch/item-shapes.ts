/**
 * Items with equal demands are one shape: what holds for one of them holds for all, and is looked at once. Queues of
 * real tasks have few shapes.
 */
import type { PackingModel } from './packing-problem.ts';

/** The items of every shape; shapes and items in the order of the items. O(items · dimensions). */
export function itemShapes({ dimensions, itemCount, demands }: PackingModel): number[][] {
  const byDemands = new Map<string, number[]>();
  for (let item = 0; item < itemCount; item++) {
    const key = demands.subarray(item * dimensions, (item + 1) * dimensions).join();
    const members = byDemands.get(key);
    if (members === undefined) byDemands.set(key, [item]);
    else members.push(item);
  }
  return [...byDemands.values()];
}
