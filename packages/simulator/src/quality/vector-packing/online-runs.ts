/**
 * Packing an instance online with the engine: items are placed in the order of arrival, one by one, and never moved.
 * Bins are agents, the dimensions resources; there is always one more agent than in use, so that the policy decides
 * whether an item opens a bin.
 */
import { type FitnessCalculator, PlacementEngine } from '@stowage/core';
import type { VectorInstance } from './vector-instance.ts';

/** What is told about each item before it is placed, for policies that learn. */
export type ArrivalWatcher = (item: readonly number[]) => void;

/** Names of the resources of an instance, in the order of its dimensions. */
export function dimensionNames({ capacity }: VectorInstance): string[] {
  return capacity.map((_, k) => `dimension ${k + 1}`);
}

/**
 * Packs an instance. O(items · bins) at worst.
 * @returns bins
 */
export function packOnline(
  instance: VectorInstance,
  fitness: FitnessCalculator | readonly FitnessCalculator[],
  watch?: ArrivalWatcher,
): number {
  const { capacity, items } = instance;
  const names = dimensionNames(instance);
  const amounts = (sizes: readonly number[]): Record<string, number> =>
    Object.fromEntries(sizes.map((size, k) => [names[k], size]));
  const resources = names.map((name) => ({ name }));
  const engine = new PlacementEngine({ resources, fitness, agentCapacity: items.length + 1 });
  const bin = { resources: amounts(capacity) };
  const classes = new Map<string, number>();
  let bins = 0;
  let empty = engine.addAgent(bin);
  for (const item of items) {
    watch?.(item);
    const key = item.join(' ');
    const known = classes.get(key);
    const taskClass = known ?? engine.defineClass({ resources: amounts(item) });
    if (known === undefined) classes.set(key, taskClass);
    const row = engine.agentOf(engine.place(taskClass));
    if (row !== empty) continue;
    bins++;
    empty = engine.addAgent(bin);
  }
  return bins;
}
