/**
 * The offers held of one agent and the tasks that run there, in units. What is offered is kept by lane (one per
 * identity of a part); a task is served from the lanes of each resource that it demands, in the order of their
 * keys: reserved before unreserved (`part-identity.ts`).
 * Invariants: free(resource) = offered − taken, never negative, over all lanes that feed the resource; what the
 * agent has in all is that and what the tasks in these books demand.
 */
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';
import { countOf, type LanePool, lanePool, type Values } from './lane-pool.ts';
import type { NamedValues } from './named-values.ts';
import type { PartIdentity, TakenPart } from './offer.ts';
import { failOffer } from './offer-errors.ts';
import type { ParsedOffer } from './offer-parser.ts';

interface Lane {
  readonly key: string;
  readonly identity: PartIdentity;
  readonly pool: LanePool;
}

/** A task whose offers were handed over, or that was running before. */
export interface RunningTask {
  readonly demand: Int32Array;
  readonly parts: readonly TakenPart[];
}

export class AgentOffers {
  readonly agent: string;
  /** In the order of arrival. */
  readonly held: Map<string, ParsedOffer> = new Map();
  /** In the order in which they came into the books. */
  readonly tasks: Map<string, RunningTask> = new Map();
  attributes: Readonly<Record<string, string>> = {};
  readonly #schema: ResourceSchema;
  /** By kind and name: what has the same name is one thing, whoever it is reserved for. */
  readonly #pools = new Map<string, { readonly name: string; readonly pool: LanePool }>();
  /** What the tasks demand. */
  readonly #inUse: Int32Array;
  /** Lanes by resource, in the order of consumption; undefined when an offer came or went since. */
  #lanes: Lane[][] | undefined;

  constructor(agent: string, schema: ResourceSchema) {
    this.agent = agent;
    this.#schema = schema;
    this.#inUse = new Int32Array(schema.scalars.length);
  }

  /** Units that the tasks in these books demand, by resource. */
  get inUse(): Readonly<Int32Array> {
    return this.#inUse;
  }

  /** Units of a resource that the agent has, as far as these books know. */
  total(resource: number): number {
    return this.#inUse[resource] + this.free(resource);
  }

  add(parsed: ParsedOffer): void {
    const { id } = parsed;
    this.held.set(id, parsed);
    this.attributes = parsed.attributes ?? this.attributes;
    for (const part of parsed.parts) this.#pool(part.identity).offer(id, part.key, part.units, part);
    this.#lanes = undefined;
  }

  /** Takes an offer out. What tasks have of amounts leaves with the last offer of a lane; values they keep. */
  remove(offerId: string): ParsedOffer {
    const parsed = this.held.get(offerId)!;
    this.held.delete(offerId);
    for (const { identity, key, units } of parsed.parts) this.#pool(identity).withdraw(offerId, key, units);
    this.#lanes = undefined;
    return parsed;
  }

  /** Units of a resource that are offered and not taken. */
  free(resource: number): number {
    return this.#lanesOf(resource).reduce((sum, { pool, key }) => sum + pool.free(key), 0);
  }

  /** Free values of ranges or a set of this name. */
  freeValues(kind: 'ranges' | 'set', name: string): Values {
    return this.#pool({ kind, name }).freeValues();
  }

  /**
   * Gives a task certain free values that count towards its demand.
   * @throws StowageError UNAVAILABLE_VALUES; the caller then releases the task
   */
  claim(task: string, demand: Int32Array, values: readonly NamedValues[]): void {
    for (const named of values) this.#pool(named).claim(task, named);
    let missing = values.reduce((sum, named) => sum + countOf(named), 0);
    demand.forEach((units, resource) => {
      const held = this.#countHeld(task, resource);
      missing -= held;
      if (held <= units) return;
      const { name } = this.#schema.scalars[resource];
      failOffer(
        'UNAVAILABLE_VALUES',
        `"${task}" asks for ${held} values of ${name}, but demands ${units}; ask for no more than it demands.`,
      );
    });
    if (missing > 0) {
      const names = values.map(({ name }) => name);
      failOffer(
        'UNAVAILABLE_VALUES',
        `"${task}" asks for values of ${show(names)} in resources that it does not demand; demand them.`,
      );
    }
  }

  /** Records values that a running task has. @throws StowageError UNAVAILABLE_VALUES; then nothing has changed */
  hold(task: string, values: readonly NamedValues[]): void {
    try {
      for (const named of values) this.#pool(named).hold(task, named);
    } catch (error) {
      this.release(task);
      throw error;
    }
  }

  /** Notes a task that runs on what is not offered here, such as one that ran before a restart. */
  enter(task: string, demand: Int32Array): void {
    this.#note(task, demand, []);
  }

  /**
   * Notes a task and serves it, as far as is offered.
   * @returns all that it takes, by resource, in the order of consumption
   */
  launch(task: string, demand: Int32Array): readonly TakenPart[] {
    const parts = this.#serve(task, demand);
    this.#note(task, demand, parts);
    return parts;
  }

  /** Serves the tasks here from an offer that is said to contain what they use. */
  serveAgain(): void {
    for (const [task, { demand }] of this.tasks)
      this.tasks.set(task, { demand, parts: this.#serve(task, demand) });
  }

  /** Removes a task; what it took and is still offered is free again. */
  forget(task: string): void {
    this.release(task);
    this.tasks.get(task)?.demand.forEach((units, resource) => (this.#inUse[resource] -= units));
    this.tasks.delete(task);
  }

  #note(task: string, demand: Int32Array, parts: readonly TakenPart[]): void {
    this.tasks.set(task, { demand, parts });
    demand.forEach((units, resource) => (this.#inUse[resource] += units));
  }

  #serve(task: string, demand: Int32Array): TakenPart[] {
    const parts: TakenPart[] = [];
    demand.forEach((units, resource) => {
      let missing = units - this.#countHeld(task, resource) - this.#countOutside(task, resource);
      for (const { identity, key, pool } of units === 0 ? [] : this.#lanesOf(resource)) {
        const more = Math.max(0, Math.min(missing, pool.free(key)));
        pool.take(task, key, more);
        missing -= more;
        const values = pool.heldInLane(task, key);
        const amount = identity.kind === 'scalar' ? more : countOf(values);
        if (amount > 0) parts.push(this.#describe(resource, identity, amount, values));
      }
    });
    return parts;
  }

  /** Values that a task has, whether offered or not, ascending. */
  valuesOf(task: string): Record<string, (number | string)[]> {
    const values = new Map<string, (number | string)[]>();
    for (const { name, pool } of this.#pools.values()) {
      const held = pool.heldBy(task);
      if (held.length > 0) values.set(name, [...(values.get(name) ?? []), ...held]);
    }
    return Object.fromEntries(values);
  }

  /** Undoes `claim` and `hold`. */
  release(task: string): void {
    for (const { pool } of this.#pools.values()) pool.release(task);
  }

  #describe(resource: number, identity: PartIdentity, units: number, { ranges, items }: Values): TakenPart {
    const { name, unitsPerWhole } = this.#schema.scalars[resource];
    return {
      ...identity,
      resource: name,
      amount: units / unitsPerWhole,
      ...(identity.kind === 'ranges' && { ranges }),
      ...(identity.kind === 'set' && { items }),
    };
  }

  /** Values that a task has in the lanes of a resource. */
  #countHeld(task: string, resource: number): number {
    return this.#lanesOf(resource).reduce(
      (sum, { pool, key }) => sum + countOf(pool.heldInLane(task, key)),
      0,
    );
  }

  /** Values that a task has and no offer brings, in pools that feed the resource. */
  #countOutside(task: string, resource: number): number {
    const pools = new Set(this.#lanesOf(resource).map(({ pool }) => pool));
    return [...pools].reduce((sum, pool) => sum + countOf(pool.heldOutside(task)), 0);
  }

  #lanesOf(resource: number): readonly Lane[] {
    this.#lanes ??= this.#arrange();
    return this.#lanes[resource];
  }

  #arrange(): Lane[][] {
    const parts = [...this.held.values()].flatMap((offer) => offer.parts);
    const byKey = new Map(parts.map((part) => [part.key, part]));
    const lanes: Lane[][] = this.#schema.scalars.map(() => []);
    for (const key of [...byKey.keys()].sort()) {
      const { identity, resource } = byKey.get(key)!;
      lanes[resource].push({ key, identity, pool: this.#pool(identity) });
    }
    return lanes;
  }

  #pool({ kind, name }: Pick<PartIdentity, 'kind' | 'name'>): LanePool {
    const key = `${kind}:${name}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known.pool;
    const pool = lanePool(kind);
    this.#pools.set(key, { name, pool });
    return pool;
  }
}
