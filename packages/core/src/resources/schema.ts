/**
 * The resources an engine knows, fixed at construction. A scalar is one number per agent (cpu, memory). A
 * resource set is two-level: an agent has slots, a slot holds units and may be bound to a label. A network
 * interface with addresses, bound to security groups, and a GPU with 1000 shares are the same concept.
 */
import { fail } from '../errors.ts';
import { exactUnits, toUnits } from './quantity.ts';
import { show } from '../support/show.ts';

/**
 * One resource of the schema.
 * @public
 */
export interface ResourceDefinition {
  readonly name: string;
  /** `scalar`: one amount per agent. `set`: slots that hold units. Default `scalar`. */
  readonly kind?: 'scalar' | 'set';
  /** Smallest units in 1.0, a positive integer: 1000 for milli-cores. Default 1. */
  readonly unitsPerWhole?: number;
  /**
   * For sets: how long a slot stays with its label after its last task left, in ms by the engine's clock (see
   * `advanceTo`); until then it serves requests with that label only. Default 0.
   */
  readonly rebindAfterMs?: number;
  /** For scalars: how many times what an agent has may be booked, above 0 and at most 1000. Default 1. */
  readonly overcommit?: number;
  /** What 1.0 is called, for messages: `cores`, `MiB`. */
  readonly unit?: string;
}

/**
 * cpu in cores (0.001 steps), memory and disk in MiB, network in Mbps, gpu in devices (0.001 steps).
 * @public
 */
export const DEFAULT_RESOURCES: readonly ResourceDefinition[] = [
  { name: 'cpu', unitsPerWhole: 1000, unit: 'cores' },
  { name: 'memory', unit: 'MiB' },
  { name: 'disk', unit: 'MiB' },
  { name: 'network', unit: 'Mbps' },
  { name: 'gpu', unitsPerWhole: 1000, unit: 'devices' },
];

/** A definition with its defaults filled in and its place among those of its kind. */
export interface Resource extends Required<ResourceDefinition> {
  readonly index: number;
}

/**
 * The validated list of resources; turns names into column numbers and decimals into units.
 * @public
 */
export class ResourceSchema {
  readonly scalars: readonly Resource[];
  readonly sets: readonly Resource[];
  readonly #byName = new Map<string, Resource>();

  /** @throws StowageError INVALID_SCHEMA for what is no list, an empty or repeated name or a unit that is not a positive integer */
  constructor(definitions: readonly ResourceDefinition[] = DEFAULT_RESOURCES) {
    const given: unknown = definitions;
    if (!Array.isArray(given))
      fail('INVALID_SCHEMA', `the resources are ${show(given)}; give an array of definitions.`);
    const scalars: Resource[] = [];
    const sets: Resource[] = [];
    for (const definition of definitions as readonly (ResourceDefinition | null | undefined)[]) {
      const {
        name = '',
        kind = 'scalar',
        unitsPerWhole = 1,
        unit = 'units',
        overcommit = 1,
        rebindAfterMs = 0,
      } = definition ?? {};
      if (typeof name !== 'string' || name === '' || this.#byName.has(name)) {
        fail(
          'INVALID_SCHEMA',
          `resource name ${show(name)} is empty or defined twice; give every resource its own name.`,
        );
      }
      if (kind !== 'scalar' && kind !== 'set') {
        fail('INVALID_SCHEMA', `resource "${name}" is of kind ${show(kind)}; use "scalar" or "set".`);
      }
      if (!Number.isInteger(unitsPerWhole) || unitsPerWhole < 1 || unitsPerWhole > 1e9) {
        fail(
          'INVALID_SCHEMA',
          `resource "${name}" has ${show(unitsPerWhole)} units per whole; use an integer from 1 to 1e9.`,
        );
      }
      if (
        !Number.isSafeInteger(rebindAfterMs) ||
        rebindAfterMs < 0 ||
        (kind === 'scalar' && rebindAfterMs > 0)
      ) {
        fail(
          'INVALID_SCHEMA',
          `resource "${name}" has rebindAfterMs ${show(rebindAfterMs)}; give a set a number of milliseconds, a scalar none.`,
        );
      }
      requireOvercommit(overcommit, `resource "${name}"`, 'INVALID_SCHEMA');
      if (kind === 'set' && overcommit !== 1)
        fail(
          'INVALID_SCHEMA',
          `resource "${name}" is a set and cannot be overcommitted; leave overcommit out.`,
        );
      const list = kind === 'scalar' ? scalars : sets;
      const resource = { name, kind, unitsPerWhole, unit, overcommit, rebindAfterMs, index: list.length };
      list.push(resource);
      this.#byName.set(name, resource);
    }
    this.scalars = scalars;
    this.sets = sets;
  }

  /** @throws StowageError UNKNOWN_RESOURCE */
  resource(name: string): Resource {
    return (
      this.#byName.get(name) ??
      fail(
        'UNKNOWN_RESOURCE',
        `${show(name)} is not a resource here; define it in the scheduler's "resources" (known: ${[...this.#byName.keys()].join(', ')}).`,
      )
    );
  }

  /** The scalar of this name. @throws StowageError UNKNOWN_RESOURCE */
  scalar(name: string): Resource {
    return this.#ofKind(name, 'scalar');
  }

  /** The resource set of this name. @throws StowageError UNKNOWN_RESOURCE */
  set(name: string): Resource {
    return this.#ofKind(name, 'set');
  }

  /**
   * Decimal amounts of scalar resources in units, by resource index; a resource that is not named has 0.
   * @param where - names the amounts in error messages
   * @throws StowageError INVALID_SPEC unless the amounts are an object, UNKNOWN_RESOURCE and those of quantities
   */
  scalarUnits(amounts: Readonly<Record<string, number>>, where: string): Float64Array {
    const given: unknown = amounts;
    if (typeof given !== 'object' || given === null)
      fail('INVALID_SPEC', `${where} is ${show(given)}; give an object with amounts by resource.`);
    const units = new Float64Array(this.scalars.length);
    for (const name of Object.keys(amounts)) {
      const resource = this.scalar(name);
      units[resource.index] = unitsOf(resource, amounts[name], where);
    }
    return units;
  }

  #ofKind(name: string, kind: 'scalar' | 'set'): Resource {
    const resource = this.resource(name);
    if (resource.kind !== kind) {
      fail('UNKNOWN_RESOURCE', `"${name}" is a ${resource.kind}, but a ${kind} is needed here.`);
    }
    return resource;
  }
}

/** The ratio, once it is known to be one. @throws StowageError with the given code */
export function requireOvercommit(
  ratio: number,
  what: string,
  code: 'INVALID_SCHEMA' | 'INVALID_QUANTITY',
): number {
  if (typeof ratio === 'number' && ratio > 0 && ratio <= 1000) return ratio;
  return fail(
    code,
    `the overcommit ratio of ${what} is ${show(ratio)}; give a number above 0, at most 1000.`,
  );
}

/** Decimal to units of one resource. @throws as `toUnits` */
export function unitsOf(resource: Resource, value: number, where: string): number {
  const units = exactUnits(value, resource.unitsPerWhole);
  if (units >= 0) return units;
  return toUnits(value, resource.unitsPerWhole, `${where} ${resource.name} (${resource.unit})`);
}
