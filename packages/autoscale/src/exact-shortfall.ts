/**
 * How many agents are missing, found by trying: inside a transaction the failed tasks are really scheduled, with all
 * their hard constraints, first on the agents there are, then on virtual ones made from the pools' templates, which are
 * opened one at a time; then everything is rolled back. Takes the place of Fenzo's OptimizingShortfallEvaluator, whose
 * pseudo hosts have guessed maxima and summed scalars.
 *
 * First fit, so every agent asked for gets tasks, but a cleverer packing may need fewer.
 */
import { type AgentShape, type FitnessCalculator, type Scheduler, show, type TaskSpec } from '@stowage/core';
import { requireArray, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';
import { mayGrow } from './failed-task.ts';
import type { PoolRoom, PoolShortfall, ShortfallEvaluator } from './shortfall.ts';

/** @public */
export interface ExactShortfall {
  /** In the order of the pools; those that need nothing are left out. */
  readonly pools: readonly PoolShortfall[];
  /** Ids of tasks that would get an agent that is there. */
  readonly placed: readonly string[];
  /** Ids of tasks that no pool has room for, or that fit nowhere. */
  readonly unplaced: readonly string[];
}

/** @public */
export interface ExactShortfallOptions {
  /** Whether a task may grow a pool. Default: any task any pool. */
  readonly mayGrow?: (taskId: string, pool: string) => boolean;
}

/** A pool with a template. @public */
export type PoolTemplate = PoolRoom & { readonly template: AgentShape };

const CODE = 'INVALID_AUTOSCALE_INPUT';

/**
 * Agents of each pool that are needed to place all tasks that can be placed. Tasks are taken in the order given, each on
 * the first of: an agent that is there, a virtual agent opened before, a new one of the first pool in the order given
 * that has room and suits. When that leaves tasks over although a pool had room at first, it is tried once more with
 * those first, and the better outcome taken. Soft constraints and the tasks' fitness are not looked at: no agent is
 * bought for a preference. The scheduler is left as it was, byte for byte.
 *
 * O((tasks + pools · unplaced tasks) · agents) at most.
 * @throws StowageError INVALID_AUTOSCALE_INPUT, those of `Scheduler.schedule` and of `Scheduler.addAgent`
 * @public
 */
export function exactShortfall(
  scheduler: Scheduler,
  pools: readonly PoolTemplate[],
  tasks: readonly TaskSpec[],
  options: ExactShortfallOptions = {},
): ExactShortfall {
  requirePools(pools);
  const given = requireArray<TaskSpec>(CODE, 'tasks', tasks);
  const first = trial(scheduler, pools, given, options);
  if (first.unplaced.length === 0 || first.pools.length === 0) return first;
  const left = new Set(first.unplaced);
  const reordered = [...given.filter(({ id }) => left.has(id)), ...given.filter(({ id }) => !left.has(id))];
  const second = trial(scheduler, pools, reordered, options);
  return second.unplaced.length < first.unplaced.length ? second : first;
}

/**
 * `exactShortfall` for an auto-scaler. Needs a template in every rule; the scheduler must be the one that the tasks
 * failed on.
 * @public
 */
export function whatIfShortfall(scheduler: Scheduler): ShortfallEvaluator {
  return {
    name: 'what-if',
    needsTemplate: true,
    shortfall(tasks, pools) {
      const byId = new Map(tasks.map((failed) => [failed.task.id, failed]));
      return exactShortfall(
        scheduler,
        pools as readonly PoolTemplate[],
        tasks.map(({ task }) => task),
        { mayGrow: (taskId, pool) => mayGrow(byId.get(taskId)!, pool) },
      ).pools;
    },
  };
}

/** A virtual pool: what was opened of it and for whom. */
interface Opened extends PoolTemplate {
  agents: number;
  readonly tasks: string[];
}

function trial(
  scheduler: Scheduler,
  pools: readonly PoolTemplate[],
  tasks: readonly TaskSpec[],
  options: ExactShortfallOptions,
): ExactShortfall {
  return scheduler.whatIf(() => {
    const opened = pools.map((pool): Opened => ({ ...pool, agents: 0, tasks: [] }));
    const poolOfAgent = new Map<string, Opened>();
    const names = virtualNames(scheduler);
    const fitness = realAgentsFirst(scheduler);
    const placed: string[] = [];
    const unplaced: string[] = [];

    const agentFor = (task: TaskSpec): string | undefined =>
      scheduler.schedule([{ ...task, softConstraints: [], fitness }]).placements[0]?.agent;

    const openFor = (task: TaskSpec): boolean =>
      opened.some((pool) => {
        if (pool.agents >= pool.room || options.mayGrow?.(task.id, pool.pool) === false) return false;
        const id = names.next().value;
        scheduler.begin();
        scheduler.addAgent({ ...pool.template, id });
        const suits = agentFor(task) !== undefined;
        if (suits) {
          scheduler.commit();
          poolOfAgent.set(id, pool);
          pool.agents++;
          pool.tasks.push(task.id);
        } else {
          scheduler.rollback();
        }
        return suits;
      });

    for (const task of tasks) {
      const agent = agentFor(task);
      if (agent === undefined) {
        if (!openFor(task)) unplaced.push(task.id);
      } else {
        (poolOfAgent.get(agent)?.tasks ?? placed).push(task.id);
      }
    }
    return {
      pools: opened
        .filter(({ agents }) => agents > 0)
        .map(({ pool, agents, tasks: ids }) => ({ pool, agents, tasks: ids })),
      placed,
      unplaced,
    };
  });
}

/** Prefers the agents that are there now over those that are opened later; else the lowest row: first fit. */
function realAgentsFirst({ engine }: Scheduler): FitnessCalculator {
  const real = Array.from({ length: engine.rowCount }, (_, row) => engine.hasAgent(row));
  return {
    name: 'agents that are there first',
    dependsOn: 'attributes',
    bind: () => ({
      scoreInto(rows, count, scores) {
        for (let i = 0; i < count; i++) scores[i] = real[rows[i]] ? 1 : 0;
      },
    }),
  };
}

/** Ids that no agent has. */
function* virtualNames(scheduler: Scheduler): Generator<string, never> {
  const taken = new Set(scheduler.agents());
  for (let number = 1; ; number++) {
    const name = `virtual-${number}`;
    if (!taken.has(name)) yield name;
  }
}

function requirePools(pools: readonly PoolTemplate[]): void {
  const names = new Set<string>();
  for (const given of requireArray<PoolTemplate>(CODE, 'pools', pools)) {
    const { pool, room, template } = requireObject<PoolTemplate>(CODE, 'a pool', given);
    requireText(CODE, 'pool', pool);
    if (names.has(pool)) fail(CODE, `pool "${pool}" is given twice; give every pool once.`);
    names.add(pool);
    if (!(room >= 0) || (room !== Infinity && !Number.isSafeInteger(room)))
      fail(CODE, `room of pool "${pool}" is ${show(room)}; give an integer of at least 0 or Infinity.`);
    requireObject(CODE, `template of pool "${pool}"`, template);
  }
}
