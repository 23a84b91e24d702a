/**
 * What an offer (a lease of resources on one agent) looks like from outside. Modelled on the offers of Mesos v1:
 * resources are scalars, ranges or sets, may be reserved for a role, and may come from different sources (disks).
 * The objects that a caller gives are kept and given back as they are.
 */

/**
 * What distinguishes resources of the same name: resources that differ in any of these are kept apart.
 * @public
 */
export interface PartIdentity {
  readonly name: string;
  readonly kind: 'scalar' | 'ranges' | 'set';
  /** `*` = not reserved. */
  readonly role: string;
  /** Id of a dynamic reservation. */
  readonly reservation?: string;
  /** Where the resource comes from, for example `mount:/data1` for a disk of its own. Default: the agent's own. */
  readonly source?: string;
}

interface OfferedPart {
  readonly name: string;
  /** Default `*`: not reserved. */
  readonly role?: string;
  readonly reservation?: string;
  readonly source?: string;
}

/** An amount, in decimals. @public */
export interface OfferedScalar extends OfferedPart {
  readonly kind: 'scalar';
  /** At least 0. What is less than a unit of the engine's resource is not used. */
  readonly amount: number;
}

/** Integers, such as ports. @public */
export interface OfferedRanges extends OfferedPart {
  readonly kind: 'ranges';
  /** `[begin, end]`, inclusive, in any order; overlaps count once. */
  readonly ranges: readonly (readonly [begin: number, end: number])[];
}

/** Named things, such as devices. @public */
export interface OfferedSet extends OfferedPart {
  readonly kind: 'set';
  readonly items: readonly string[];
}

/** @public */
export type OfferedResource = OfferedScalar | OfferedRanges | OfferedSet;

/**
 * Resources of one agent that may be used once.
 * @public
 */
export interface Offer {
  readonly id: string;
  /** Id of the agent. */
  readonly agent: string;
  /** When the offer was made; its age counts from here. */
  readonly offeredAtMs: number;
  readonly resources: readonly OfferedResource[];
  /** Replace the agent's; missing = the agent keeps those it has. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A part of an offer that no task can use, because the engine has no such resource. @public */
export interface UnusablePart {
  readonly offer: string;
  readonly part: PartIdentity;
  readonly reason: string;
}

/** What a task takes from the parts of one identity. @public */
export interface TakenPart extends PartIdentity {
  /** The engine's resource that the part feeds. */
  readonly resource: string;
  /** Decimal; for ranges and sets the number of values. */
  readonly amount: number;
  /** The values, ascending; for kind `ranges`. */
  readonly ranges?: readonly (readonly [begin: number, end: number])[];
  /** The values, ascending; for kind `set`. */
  readonly items?: readonly string[];
}

/** Concrete values by the offered resource's name: `{ ports: [31000, 31001] }`. @public */
export type OfferedValues = Readonly<Record<string, readonly (number | string)[]>>;

/** What a task that runs already has besides amounts. @public */
export interface TaskHolding {
  /** Its concrete values (ports) by offered name. */
  readonly values?: OfferedValues;
  /** Its slots by resource set; those left out are chosen. */
  readonly slots?: Readonly<Record<string, readonly number[]>>;
}
