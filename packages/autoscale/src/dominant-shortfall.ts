/**
 * Failed tasks summed up per resource and divided by what one agent of the pool has; the dominant resource decides, as in
 * Titus' ClusterAgentAutoScaler. Tasks that do not fit on an empty agent are left out. A lower bound of what is needed: it
 * knows neither constraints nor what is left over on every agent.
 */
import { type ResourceDefinition, ResourceSchema } from '@stowage/core';
import { capacityUnits, demandUnits, type Units } from './amounts.ts';
import { type FailedTask, mayGrow } from './failed-task.ts';
import type { PoolRoom, PoolShortfall, ShortfallEvaluator } from './shortfall.ts';

/**
 * Every task counts in the first pool, by priority, that it may grow, whose agents it fits on and that has room for it.
 * Needs a template in every rule. O(tasks · pools · resources).
 * @param resources - as given to the scheduler; default: core's default resources
 * @throws StowageError INVALID_SCHEMA
 * @public
 */
export function dominantShortfall(resources?: readonly ResourceDefinition[]): ShortfallEvaluator {
  const schema = new ResourceSchema(resources);
  return {
    name: 'dominant',
    needsTemplate: true,
    shortfall(tasks, pools) {
      const sums = pools.map((room) => new PoolSum(schema, room));
      for (const failed of tasks) sums.find((sum) => sum.add(failed));
      return sums.map((sum) => sum.shortfall()).filter(({ agents }) => agents > 0);
    },
  };
}

/** The tasks that one pool grows for, in units. */
class PoolSum {
  readonly #schema: ResourceSchema;
  readonly #room: PoolRoom;
  readonly #capacity: Units;
  readonly #sums = new Map<string, number>();
  readonly #tasks: string[] = [];
  #agents = 0;

  constructor(schema: ResourceSchema, room: PoolRoom) {
    this.#schema = schema;
    this.#room = room;
    this.#capacity = capacityUnits(schema, room.template!, `the template of pool "${room.pool}"`);
  }

  /** Takes a task in, unless it must not grow this pool, does not fit or there is no room. */
  add(failed: FailedTask): boolean {
    const { task } = failed;
    if (!mayGrow(failed, this.#room.pool)) return false;
    const demand = demandUnits(this.#schema, task, this.#room.template!, `task "${task.id}"`);
    if (demand === undefined) return false;
    let agents = Math.max(this.#agents, 1);
    for (const [name, units] of demand) {
      if (units === 0) continue;
      agents = Math.max(agents, Math.ceil(this.#sumWith(name, units) / this.#capacity.get(name)!));
    }
    if (agents > this.#room.room) return false;
    for (const [name, units] of demand) this.#sums.set(name, this.#sumWith(name, units));
    this.#agents = agents;
    this.#tasks.push(task.id);
    return true;
  }

  shortfall(): PoolShortfall {
    return { pool: this.#room.pool, agents: this.#agents, tasks: this.#tasks };
  }

  #sumWith(name: string, units: number): number {
    return (this.#sums.get(name) ?? 0) + units;
  }
}
