/**
 * Resources as whole numbers of units, so that sums and quotients are exact: 0.1 cores ten times are one core. Slots of a
 * set count as slots times units per slot. An amount that is no whole number of units is rounded; the engine refuses it.
 */
import {
  type AgentShape,
  type Resource,
  type ResourceSchema,
  show,
  type SlotCapacity,
  type SlotDemand,
  type TaskRequirements,
} from '@stowage/core';
import { requireObject } from './checks.ts';
import { fail } from './errors.ts';

/** Units by resource name. */
export type Units = ReadonlyMap<string, number>;

const CODE = 'INVALID_AUTOSCALE_INPUT';

/**
 * What an agent of this shape has to give, overcommitted scalars included.
 * @throws StowageError UNKNOWN_RESOURCE, INVALID_AUTOSCALE_INPUT
 */
export function capacityUnits(schema: ResourceSchema, shape: AgentShape, what: string): Units {
  const units = totalUnits(schema, shape.resources, what);
  for (const [name, total] of units) units.set(name, bookable(schema.resource(name), total, shape));
  return units;
}

/**
 * Amounts as they are written for agents.
 * @throws StowageError UNKNOWN_RESOURCE, INVALID_AUTOSCALE_INPUT
 */
export function totalUnits(
  schema: ResourceSchema,
  resources: AgentShape['resources'],
  what: string,
): Map<string, number> {
  return new Map(
    entriesOf(resources, what).map(([name, amount]) => {
      const resource = schema.resource(name);
      if (resource.kind === 'scalar') return [name, unitsOf(resource, amount, what)];
      const { slots, unitsPerSlot } = requireObject<SlotCapacity>(CODE, `${name} of ${what}`, amount);
      return [name, countOf(slots, name, what) * unitsOf(resource, unitsPerSlot, what)];
    }),
  );
}

/**
 * What a task takes of an agent of this shape; undefined when it does not fit on an empty one.
 * @throws StowageError UNKNOWN_RESOURCE, INVALID_AUTOSCALE_INPUT
 */
export function demandUnits(
  schema: ResourceSchema,
  { resources }: TaskRequirements,
  shape: AgentShape,
  what: string,
): Units | undefined {
  const units = new Map<string, number>();
  for (const [name, amount] of entriesOf(resources, what)) {
    const resource = schema.resource(name);
    const [needed, available, times] =
      resource.kind === 'scalar'
        ? [unitsOf(resource, amount, what), scalarUnits(resource, shape, what), 1]
        : slotUnits(resource, amount, shape, what);
    if (needed > available) return undefined;
    units.set(name, needed * times);
  }
  return units;
}

function scalarUnits(resource: Resource, shape: AgentShape, what: string): number {
  return bookable(resource, unitsOf(resource, shape.resources[resource.name] ?? 0, what), shape);
}

/** Units that may be booked where so many are there. */
function bookable({ name, kind, overcommit }: Resource, units: number, shape: AgentShape): number {
  return kind === 'scalar' ? Math.floor(units * (shape.overcommit?.[name] ?? overcommit)) : units;
}

/** Units needed and there per slot, and the number of slots; nothing is there when the slots are too few. */
function slotUnits(
  resource: Resource,
  amount: unknown,
  shape: AgentShape,
  what: string,
): [needed: number, available: number, slots: number] {
  const { name } = resource;
  const { slots = 1, units } = requireObject<SlotDemand>(CODE, `${name} of ${what}`, amount);
  const { slots: there, unitsPerSlot } = (shape.resources[name] ?? {
    slots: 0,
    unitsPerSlot: 0,
  }) as SlotCapacity;
  const available = unitsOf(resource, unitsPerSlot, what);
  const needed = units === undefined ? available : unitsOf(resource, units, what);
  return countOf(slots, name, what) > there ? [1, 0, slots] : [needed, available, slots];
}

function entriesOf(resources: unknown, what: string): [string, unknown][] {
  return Object.entries(requireObject<Record<string, unknown>>(CODE, `resources of ${what}`, resources));
}

function countOf(slots: number, name: string, what: string): number {
  if (Number.isSafeInteger(slots) && slots >= 0) return slots;
  return fail(CODE, `slots of ${name} of ${what} is ${show(slots)}; give an integer of at least 0.`);
}

function unitsOf({ name, unitsPerWhole }: Resource, amount: unknown, what: string): number {
  if (typeof amount === 'number' && Number.isFinite(amount) && amount >= 0) {
    return Math.round(amount * unitsPerWhole);
  }
  return fail(CODE, `${name} of ${what} is ${show(amount)}; give a finite number of at least 0.`);
}
