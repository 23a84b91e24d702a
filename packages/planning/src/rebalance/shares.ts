/**
 * Sizes that are comparable across resources and agents.
 */
import type { PlacementEngine } from '@stowage/core';

/** The greatest share of an agent's scalar resources that some units, in schema order, are; 0 for nothing. */
export function greatestShare(engine: PlacementEngine, row: number, units: readonly number[]): number {
  return engine.schema.scalars.reduce((share, { name }, r) => {
    const total = engine.cluster.total(name)[row];
    return total > 0 ? Math.max(share, units[r] / total) : share;
  }, 0);
}
