/**
 * From an offer as given to its parts in units: everything is checked here, before any book changes. Resources of
 * equal identity in one offer become one part; those that differ in role, reservation or source stay apart.
 */
import { fail, StowageError } from '../errors.ts';
import { MAX_UNITS } from '../resources/quantity.ts';
import type { Resource, ResourceSchema } from '../resources/schema.ts';
import { messageOf, show } from '../support/show.ts';
import { text } from '../resources/specs.ts';
import { canonicalItems, type Items, itemAlgebra } from './items.ts';
import type { Offer, OfferedResource, PartIdentity, UnusablePart } from './offer.ts';
import { failOffer } from './offer-errors.ts';
import { defaultResourceName, partKey } from './part-identity.ts';
import { canonicalRanges, rangeAlgebra, type Ranges } from './ranges.ts';

/** What one offer brings of one identity, for a resource that the engine has. */
export interface Part {
  readonly identity: PartIdentity;
  readonly key: string;
  /** Index of the engine's scalar. */
  readonly resource: number;
  /** Whole units; for ranges and sets the number of values. */
  units: number;
  ranges: Ranges;
  items: Items;
}

/** `offer` is the caller's object, only to be given back; what counts was copied from it. */
export interface ParsedOffer {
  readonly offer: Offer;
  readonly id: string;
  readonly agent: string;
  readonly offeredAtMs: number;
  readonly attributes: Readonly<Record<string, string>> | undefined;
  readonly parts: readonly Part[];
  readonly unusable: readonly UnusablePart[];
}

/** What offers are read by. */
export interface OfferRules {
  readonly schema: ResourceSchema;
  /** Roles of the framework besides `*`. */
  readonly roles: readonly string[];
  readonly resourceFor: (part: PartIdentity) => string | undefined;
}

/** @throws StowageError INVALID_SPEC unless options are well-formed */
export function offerRules(
  schema: ResourceSchema,
  roles: readonly string[] = [],
  resourceFor: OfferRules['resourceFor'] = defaultResourceName,
): OfferRules {
  if (!Array.isArray(roles)) fail('INVALID_SPEC', `roles is ${show(roles)}; give a list of names.`);
  if (typeof resourceFor !== 'function')
    fail('INVALID_SPEC', `resourceFor is ${show(resourceFor)}; give a function.`);
  return { schema, roles: roles.map((role) => text(role, 'role')), resourceFor };
}

/**
 * @throws StowageError INVALID_OFFER, UNKNOWN_ROLE, QUANTITY_OVERFLOW, PLUGIN_FAILED when `resourceFor` throws
 */
export function parseOffer(given: Offer, rules: OfferRules): ParsedOffer {
  const offer = plainObject<Offer>(given, 'the offer');
  const { offeredAtMs } = offer;
  const id = word(offer.id, 'the offer id');
  const what = `offer ${show(id)}`;
  const agent = word(offer.agent, `the agent of ${what}`);
  if (!Number.isFinite(offeredAtMs)) {
    failOffer('INVALID_OFFER', `${what} was made at ${show(offeredAtMs)}; give milliseconds.`);
  }
  const resources: unknown = offer.resources;
  if (!Array.isArray(resources)) {
    failOffer('INVALID_OFFER', `the resources of ${what} are ${show(resources)}; give a list.`);
  }
  const parts = new Map<string, Part>();
  const unusable = new Map<string, UnusablePart>();
  for (const resource of resources as OfferedResource[]) {
    const identity = identityOf(plainObject<OfferedResource>(resource, `a resource of ${what}`), what);
    requireRole(identity, rules.roles, what);
    addPart(readPart(identity, resource, rules, what), id, parts, unusable);
  }
  for (const part of parts.values()) requireUnits(part.units, `${part.identity.name} of ${what}`);
  return {
    offer,
    id,
    agent,
    offeredAtMs,
    attributes: offer.attributes === undefined ? undefined : texts(offer.attributes, what),
    parts: [...parts.values()],
    unusable: [...unusable.values()],
  };
}

function identityOf(resource: OfferedResource, what: string): PartIdentity {
  const name = word(resource.name, `a resource name of ${what}`);
  const { kind, role = '*', reservation, source } = resource;
  if (kind !== 'scalar' && kind !== 'ranges' && kind !== 'set') {
    failOffer('INVALID_OFFER', `${name} of ${what} is of kind ${show(kind)}; use scalar, ranges or set.`);
  }
  return {
    name,
    kind,
    role: word(role, `the role of ${name} of ${what}`),
    ...(reservation !== undefined && {
      reservation: word(reservation, `the reservation of ${name} of ${what}`),
    }),
    ...(source !== undefined && { source: word(source, `the source of ${name} of ${what}`) }),
  };
}

/** A framework may use what is reserved for one of its roles or for an ancestor of one (`eng` of `eng/web`). */
function requireRole({ name, role }: PartIdentity, roles: readonly string[], what: string): void {
  if (role === '*' || roles.some((own) => own === role || own.startsWith(`${role}/`))) return;
  failOffer(
    'UNKNOWN_ROLE',
    `${name} of ${what} is reserved for role ${show(role)}, the framework has ${show(roles)}; add the role or decline the offer.`,
  );
}

/** A part, with the reason instead of a resource when the engine cannot use it. */
interface ReadPart extends Omit<Part, 'resource'> {
  readonly resource: number | string;
}

function readPart(identity: PartIdentity, given: OfferedResource, rules: OfferRules, what: string): ReadPart {
  const resource = resourceOf(identity, rules);
  const key = partKey(identity);
  const where = `${identity.name} of ${what}`;
  const part = { identity, key, units: 0, ranges: rangeAlgebra.none, items: itemAlgebra.none };
  const target = typeof resource === 'string' ? resource : resource.index;
  switch (given.kind) {
    case 'scalar':
      return { ...part, resource: target, units: wholeUnits(given.amount, resource, where) };
    case 'ranges':
      return { ...part, resource: target, ranges: canonicalRanges(given.ranges, where) };
    case 'set':
      return { ...part, resource: target, items: canonicalItems(given.items, where) };
  }
}

function resourceOf(identity: PartIdentity, { schema, resourceFor }: OfferRules): Resource | string {
  let name: unknown;
  try {
    name = resourceFor(identity);
  } catch (error) {
    throw new StowageError(
      'PLUGIN_FAILED',
      `resourceFor threw for ${show(identity)}: ${messageOf(error)}; mend it.`,
      error,
    );
  }
  const resource = schema.scalars.find((scalar) => scalar.name === name);
  if (resource === undefined) return `the engine has no scalar resource ${show(name)}`;
  if (identity.kind !== 'scalar' && resource.unitsPerWhole !== 1)
    return `${resource.name} is counted in fractions, but values are whole; define it with 1 unit per whole`;
  return resource;
}

function addPart(
  read: ReadPart,
  offer: string,
  parts: Map<string, Part>,
  unusable: Map<string, UnusablePart>,
): void {
  if (typeof read.resource === 'string') {
    unusable.set(read.key, { offer, part: read.identity, reason: read.resource });
    return;
  }
  const known = parts.get(read.key);
  const part: Part = known ?? { ...read, resource: read.resource };
  if (known !== undefined) {
    part.units += read.units;
    part.ranges = rangeAlgebra.union(part.ranges, read.ranges);
    part.items = itemAlgebra.union(part.items, read.items);
  }
  if (part.identity.kind === 'ranges') part.units = rangeAlgebra.count(part.ranges);
  if (part.identity.kind === 'set') part.units = part.items.length;
  parts.set(read.key, part);
}

/** Rounded down: what is less than a unit stays in the offer and goes where the offer goes. */
function wholeUnits(amount: number, resource: Resource | string, where: string): number {
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
    failOffer('INVALID_OFFER', `${where} is ${show(amount)}; give a finite amount of at least 0.`);
  }
  if (typeof resource === 'string') return 0;
  const units = Math.round(amount * resource.unitsPerWhole);
  return units / resource.unitsPerWhole > amount ? units - 1 : units;
}

function requireUnits(units: number, where: string): void {
  if (units > MAX_UNITS) {
    fail(
      'QUANTITY_OVERFLOW',
      `${where} is ${units} units; the largest is ${MAX_UNITS}. Define the resource with a coarser unit.`,
    );
  }
}

function plainObject<T extends object>(value: unknown, what: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
  return failOffer('INVALID_OFFER', `${what} is ${show(value)}; give an object.`);
}

function texts(given: unknown, what: string): Record<string, string> {
  const entries = Object.entries(plainObject<Record<string, unknown>>(given, `the attributes of ${what}`));
  for (const [key] of entries) {
    if (key.startsWith('\0'))
      failOffer('INVALID_OFFER', `${what} has the attribute ${show(key)}; keys cannot begin with NUL.`);
  }
  return Object.fromEntries(
    entries.map(([key, value]) => [key, word(value, `attribute "${key}" of ${what}`)]),
  );
}

/** Non-empty text. */
function word(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  return failOffer('INVALID_OFFER', `${what} is ${show(value)}; give a non-empty string.`);
}
