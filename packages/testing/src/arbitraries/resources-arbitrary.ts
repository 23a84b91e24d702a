/**
 * Random resource schemas. `cpu` and `memory` are always there, so that policies can name them; the other names
 * come and go. Units are coarse, so that exact fits and ties are frequent.
 */
import type { ResourceDefinition } from '@stowage/core';
import fc from 'fast-check';

const SCALARS: readonly ResourceDefinition[] = [
  { name: 'cpu', unitsPerWhole: 10, unit: 'cores' },
  { name: 'memory', unit: 'MiB' },
  { name: 'disk', unit: 'MiB' },
  { name: 'network', unit: 'Mbps' },
];

const SETS: readonly ResourceDefinition[] = [
  { name: 'gpu', kind: 'set', unitsPerWhole: 4, unit: 'devices' },
  { name: 'interface', kind: 'set', unit: 'addresses' },
];

/** All resources that random schemas are drawn from. */
export const ALL_RESOURCES: readonly ResourceDefinition[] = [...SCALARS, ...SETS];

/**
 * Two to four scalars and up to two resource sets: cpu, memory, disk, network; gpu, interface. Memory may be
 * overcommitted, interfaces may stay with their label for a while.
 * @public
 */
export function resourcesArbitrary(): fc.Arbitrary<readonly ResourceDefinition[]> {
  return fc
    .record({
      scalars: fc.integer({ min: 2, max: SCALARS.length }),
      sets: fc.integer({ min: 0, max: SETS.length }),
      overcommit: fc.constantFrom(1, 1, 1.5),
      rebindAfterMs: fc.constantFrom(0, 0, 10),
    })
    .map(({ scalars, sets, overcommit, rebindAfterMs }) =>
      [...SCALARS.slice(0, scalars), ...SETS.slice(0, sets)].map((resource) => ({
        ...resource,
        ...(resource.name === 'memory' && { overcommit }),
        ...(resource.name === 'interface' && { rebindAfterMs }),
      })),
    );
}

/** A whole number of units of a resource as the decimal that users write. */
export function decimal({ unitsPerWhole = 1 }: ResourceDefinition, units: number): number {
  return units / unitsPerWhole;
}
