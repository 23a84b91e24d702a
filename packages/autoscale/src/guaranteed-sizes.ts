/**
 * From guarantees to sizes: what capacity groups are promised, with headroom on top, divided over pools of agents. Per
 * resource and in whole units, so a pool's size follows from its scarcest resource, as in Titus' capacity monitoring. Sums
 * only: a guarantee of large tasks may need more agents than its total says; headroom is what covers that.
 */
import { type AgentShape, type ResourceDefinition, ResourceSchema } from '@stowage/core';
import { capacityUnits, totalUnits } from './amounts.ts';
import { requireAmount, requireArray, requireCount, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';

/** What a capacity group is promised: so many times these resources. @public */
export interface CapacityGuarantee {
  readonly group: string;
  /** Scalars as decimals, sets as slots and units per slot. */
  readonly resources: AgentShape['resources'];
  /** Default 1. */
  readonly count?: number;
}

/** Capacity to keep above the guarantees; share and amount add up. @public */
export interface Headroom {
  /** Part of the guaranteed capacity, 0.05 is 5 %. Default 0. */
  readonly share?: number;
  /** Per resource, in the manner of a guarantee. Default: none. */
  readonly amount?: AgentShape['resources'];
}

/** @public */
export interface SizedPool {
  readonly pool: string;
  readonly template: AgentShape;
  /** Default: unlimited. */
  readonly maxSize?: number;
}

/** @public */
export interface GuaranteedSizes {
  /** Agents per pool, in the order of the pools. */
  readonly sizes: readonly { readonly pool: string; readonly minSize: number }[];
  /** What does not fit, a decimal per resource (for sets: units in all slots); empty when all does. */
  readonly shortage: Readonly<Record<string, number>>;
}

/** Titus' buffer for the critical tier. */
export const DEFAULT_HEADROOM: Headroom = { share: 0.05 };

const CODE = 'INVALID_AUTOSCALE_INPUT';

/**
 * Sizes of pools that hold the guarantees and the headroom. Pools are filled in the order given, each up to its `maxSize`
 * as far as it has the resource.
 *
 * @param resources - as given to the scheduler; default: core's default resources
 * O(guarantees + pools · resources).
 * @throws StowageError INVALID_AUTOSCALE_INPUT, UNKNOWN_RESOURCE, INVALID_SCHEMA
 * @public
 */
export function guaranteedSizes(
  pools: readonly SizedPool[],
  guarantees: readonly CapacityGuarantee[],
  headroom: Headroom = DEFAULT_HEADROOM,
  resources?: readonly ResourceDefinition[],
): GuaranteedSizes {
  const schema = new ResourceSchema(resources);
  const left = neededUnits(schema, guarantees, headroom);
  const names = new Set<string>();
  const sizes = requireArray<SizedPool>(CODE, 'pools', pools).map((given) => {
    const { pool, template, maxSize = Infinity } = requireObject<SizedPool>(CODE, 'a pool', given);
    requireText(CODE, 'pool', pool);
    if (names.has(pool)) fail(CODE, `pool "${pool}" is given twice; give every pool once.`);
    names.add(pool);
    if (maxSize !== Infinity) requireCount(CODE, `maxSize of pool "${pool}"`, maxSize);
    const what = `the template of pool "${pool}"`;
    const capacity = capacityUnits(schema, requireObject<AgentShape>(CODE, what, template), what);
    const wanted = [...capacity].map(([name, units]) =>
      units === 0 ? 0 : Math.ceil((left.get(name) ?? 0) / units),
    );
    const minSize = Math.min(maxSize, Math.max(0, ...wanted));
    for (const [name, units] of capacity) left.set(name, (left.get(name) ?? 0) - minSize * units);
    return { pool, minSize };
  });
  const missing = [...left].filter(([, units]) => units > 0);
  return {
    sizes,
    shortage: Object.fromEntries(
      missing.map(([name, units]) => [name, units / schema.resource(name).unitsPerWhole]),
    ),
  };
}

/** Units of guarantees and headroom by resource. */
function neededUnits(
  schema: ResourceSchema,
  guarantees: readonly CapacityGuarantee[],
  { share = 0, amount = {} }: Headroom,
): Map<string, number> {
  const needed = new Map<string, number>();
  const add = (given: AgentShape['resources'], times: number, what: string): void => {
    for (const [name, units] of totalUnits(schema, given, what))
      needed.set(name, (needed.get(name) ?? 0) + units * times);
  };
  for (const given of requireArray<CapacityGuarantee>(CODE, 'guarantees', guarantees)) {
    const { group, resources, count = 1 } = requireObject<CapacityGuarantee>(CODE, 'a guarantee', given);
    const what = `the guarantee of group "${requireText(CODE, 'group', group)}"`;
    add(resources, requireCount(CODE, `count of ${what}`, count), what);
  }
  requireAmount(CODE, 'share of the headroom', share);
  for (const [name, units] of needed) needed.set(name, units + shareOf(units, share));
  add(amount, 1, 'the headroom');
  return needed;
}

/** Rounded up; a share of 0.05 of 100 units is 5, although 100 · 1.05 is a little more than 105 in doubles. */
function shareOf(units: number, share: number): number {
  const exact = units * share;
  const nearest = Math.round(exact);
  return Math.abs(exact - nearest) <= exact * 4 * Number.EPSILON ? nearest : Math.ceil(exact);
}
