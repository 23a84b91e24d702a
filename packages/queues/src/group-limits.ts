/**
 * Limits on what the tasks of a group may use together, whatever their tier and bucket: Fenzo's ResAllocs. As there,
 * limits of some groups exclude all others; other than there, the first task of a group is held to the limit too,
 * and every refusal has a reason.
 */
import { ResourceSchema, show } from '@stowage/core';
import {
  add,
  type Amounts,
  boundUnits,
  decimals,
  firstAbove,
  isAboveBounds,
  requireBound,
  subtract,
  taskUnits,
} from './amounts.ts';
import { record, text } from './checks.ts';
import { fail } from './errors.ts';
import { aboveLimit, Refusal } from './refusal.ts';

/** @public */
export interface GroupLimitsOptions {
  /** The resources that limits and tasks may name. Default: the engine's default. */
  readonly schema?: ResourceSchema;
  /** Limits by group, as for `setLimit`. Default: none, then every group is admitted. */
  readonly limits?: Readonly<Record<string, Amounts>>;
}

/**
 * What groups may use and what they do use. Limits take effect at once and stop nothing that runs; what runs counts,
 * even above a limit. A method that throws has changed nothing. O(resources) unless a method says otherwise.
 * @public
 */
export class GroupLimits {
  readonly #schema: ResourceSchema;
  readonly #limits = new Map<string, Float64Array>();
  readonly #used = new Map<string, Float64Array>();
  readonly #nothing: Float64Array;

  /** @throws StowageError as `setLimit`, INVALID_QUEUE_OPTION */
  constructor(options: GroupLimitsOptions = {}) {
    const { schema = new ResourceSchema(), limits = {} } = options;
    if (!(schema instanceof ResourceSchema))
      fail('INVALID_QUEUE_OPTION', `the schema is ${show(schema)}; give a ResourceSchema.`);
    this.#schema = schema;
    this.#nothing = new Float64Array(schema.scalars.length);
    for (const [group, limit] of Object.entries(record<Record<string, Amounts>>(limits, 'the limits')))
      this.setLimit(group, limit);
  }

  /**
   * Adds the limit of a group, or replaces it.
   * @param limit - resources that are not named are unlimited
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of quantities
   */
  setLimit(group: string, limit: Amounts): void {
    const units = boundUnits(this.#schema, limit, `limit of group ${show(group)}`, Infinity);
    this.#limits.set(text(group, 'the name of a group'), units);
  }

  /**
   * Removes the limit of a group. While other groups have limits it is refused then; without any limit every group
   * is admitted.
   * @returns whether there was one
   */
  removeLimit(group: string): boolean {
    return this.#limits.delete(group);
  }

  /** The limit of a group; undefined when it has none. */
  limitOf(group: string): Amounts | undefined {
    const units = this.#limits.get(group);
    return units && decimals(this.#schema, units, Infinity);
  }

  /** Groups that have a limit, by name. O(groups · log groups). */
  groups(): string[] {
    return [...this.#limits.keys()].sort();
  }

  /** Whether a task of the group may be placed now. @throws StowageError as `refusal` */
  admits(group: string, resources: Amounts): boolean {
    return this.refusal(group, resources) === undefined;
  }

  /**
   * Why a task of the group may not be placed now; undefined when it may.
   * @throws StowageError INVALID_SPEC, UNKNOWN_RESOURCE and those of quantities
   */
  refusal(group: string, resources: Amounts): Refusal | undefined {
    const asked = this.#units(group, resources);
    if (this.#limits.size === 0) return undefined;
    const limit = this.#limits.get(group);
    if (limit === undefined)
      return new Refusal(
        'GROUP_WITHOUT_LIMIT',
        undefined,
        () => `group ${show(group)} has no limit while other groups have; add one with setLimit.`,
      );
    const used = this.#used.get(group) ?? this.#nothing;
    const above = firstAbove(used, asked, limit);
    if (above < 0) return undefined;
    const numbers = { used: used[above], asked: asked[above], limit: limit[above] };
    return aboveLimit('ABOVE_GROUP_LIMIT', this.#schema, above, () => `group ${show(group)}`, numbers);
  }

  /** Counts a task that was placed, or that runs already, whether it is within the limit or not. @throws StowageError as `refusal` */
  take(group: string, resources: Amounts): void {
    const units = this.#units(group, resources);
    const used = this.#used.get(group);
    if (used === undefined) {
      this.#used.set(group, units);
      return;
    }
    for (let r = 0; r < units.length; r++) {
      if (isAboveBounds(used[r] + units[r]))
        requireBound(used[r] + units[r], `the use of group ${show(group)}`);
    }
    add(used, units);
  }

  /** The inverse of `take`. @throws StowageError as `refusal`, GROUP_USE_BELOW_ZERO */
  release(group: string, resources: Amounts): void {
    const units = this.#units(group, resources);
    const used = this.#used.get(group) ?? this.#nothing;
    const below = firstAbove(this.#nothing, units, used);
    if (below >= 0)
      fail(
        'GROUP_USE_BELOW_ZERO',
        `group ${show(group)} uses less ${this.#schema.scalars[below].name} than this; release each task once, with what it took.`,
      );
    subtract(used, units);
    if (used.every(isZero)) this.#used.delete(group);
  }

  /** What the tasks of a group use together; resources without use are left out. */
  used(group: string): Amounts {
    return decimals(this.#schema, this.#used.get(group) ?? this.#nothing, 0);
  }

  #units(group: string, resources: Amounts): Float64Array {
    return taskUnits(this.#schema, resources, resourcesInGroup, text(group, 'a group'));
  }
}

function resourcesInGroup(group: string): string {
  return `resources of a task of group ${show(group)}`;
}

function isZero(amount: number): boolean {
  return amount === 0;
}
