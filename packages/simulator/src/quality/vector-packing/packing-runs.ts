/**
 * Ways to pack an instance with the engine. Item-centric heuristics are an order of the items and first fit, which is
 * what the engine does without a fitness; `scheduleBatch` takes all items at once. Bins are agents.
 */
import { Scheduler } from '@stowage/core';
import { ArrivalHistory, expectedWaste } from '@stowage/fitness';
import { scheduleBatch } from '@stowage/planning';
import { dimensionNames, packOnline } from './online-runs.ts';
import type { VectorInstance } from './vector-instance.ts';

type Item = readonly number[];

/** First fit in the order of arrival: of the agents that can take an item, the lowest. @returns bins */
export function firstFit(instance: VectorInstance): number {
  return packOnline(instance, []);
}

/** First fit, largest first by the L2 norm, dimensions weighted by what all items need of them: "FFD-L2-Avg". */
export function firstFitDecreasingL2(instance: VectorInstance): number {
  const { capacity, items } = instance;
  const weights = capacity.map((room, k) => items.reduce((sum, item) => sum + item[k] / room, 0));
  return firstFitDecreasing(instance, (item) =>
    item.reduce((sum, size, k) => sum + weights[k] * (size / capacity[k]) * (size / capacity[k]), 0),
  );
}

/** First fit, largest first by the largest of an item's sizes: "FFD-Linf-Unit". */
export function firstFitDecreasingMax(instance: VectorInstance): number {
  return firstFitDecreasing(instance, (item) =>
    Math.max(...item.map((size, k) => size / instance.capacity[k])),
  );
}

/** Ours online: every item goes where least is expected to be wasted, by the items seen so far. @returns bins */
export function leastWaste(instance: VectorInstance): number {
  const history = new ArrivalHistory(dimensionNames(instance));
  return packOnline(instance, expectedWaste(history), (item) => history.observe(item));
}

/** All items at once through `scheduleBatch`, with its default budget. @returns bins */
export function batch(instance: VectorInstance): number {
  const { capacity, items } = instance;
  const names = dimensionNames(instance);
  const amounts = (sizes: Item): Record<string, number> =>
    Object.fromEntries(sizes.map((size, k) => [names[k], size]));
  const resources = names.map((name) => ({ name }));
  const scheduler = new Scheduler({ resources, agentCapacity: items.length });
  items.forEach((_, i) => scheduler.addAgent({ id: `bin ${i}`, resources: amounts(capacity) }));
  const tasks = items.map((item, i) => ({ id: `item ${i}`, resources: amounts(item) }));
  const { placements } = scheduleBatch(scheduler, tasks);
  return new Set(placements.map(({ agent }) => agent)).size;
}

/** Equally large items stay in the order of arrival. */
function firstFitDecreasing(instance: VectorInstance, sizeOf: (item: Item) => number): number {
  const sized = instance.items.map((item) => ({ item, size: sizeOf(item) }));
  const items = sized.toSorted((a, b) => b.size - a.size).map(({ item }) => item);
  return firstFit({ ...instance, items });
}
