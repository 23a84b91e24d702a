/**
 * Which agent each task of a batch should go to, by scalar resources alone: the tasks as items, the agents that take
 * tasks as bins; those with taints only where every task tolerates some. Everything else that tasks ask for is left to
 * the engine, which has the last word.
 */
import type { Scheduler, TaskSpec } from '@stowage/core';
import { packVectors } from './pack-vectors.ts';
import type { PackingOptions } from './work-budget.ts';

/** An agent that takes tasks. */
interface OpenAgent {
  readonly id: string;
  readonly row: number;
  readonly inUse: boolean;
}

/**
 * @returns agent by task, without tasks for which there is no room and such as ask for no scalar resource
 * @throws StowageError INVALID_PLANNING_OPTION, PLANNING_CALLBACK_FAILED
 */
export function planBatch(
  scheduler: Scheduler,
  tasks: readonly TaskSpec[],
  options: PackingOptions,
): Map<string, string> {
  const { schema, cluster } = scheduler.engine;
  const plan = new Map<string, string>();
  const demands = tasks.map((task) => demandsOf(scheduler, task));
  const asking = Array.from(tasks.keys()).filter((i) => demands[i].some((units) => units > 0));
  const asked = schema.scalars.filter(({ index }) => asking.some((i) => demands[i][index] > 0));
  if (asked.length === 0) return plan;

  const agents = openAgents(scheduler, tasks);
  const columns = asked.map(({ name }) => cluster.free(name));
  const { binOf } = packVectors(
    {
      dimensions: asked.length,
      demands: asking.flatMap((i) => asked.map(({ index }) => demands[i][index])),
      // Below 0 where an agent shrank under its tasks.
      free: agents.flatMap(({ row }) => columns.map((free) => Math.max(0, free[row]))),
      used: agents.map(({ inUse }) => inUse),
    },
    options,
  );
  asking.forEach((i, item) => {
    if (binOf[item] >= 0) plan.set(tasks[i].id, agents[binOf[item]].id);
  });
  return plan;
}

/** Agents that may take all of the tasks, as far as gates and taints tell. */
function openAgents(scheduler: Scheduler, tasks: readonly TaskSpec[]): OpenAgent[] {
  const { engine } = scheduler;
  // In tie-break order, as the statuses are.
  const rows = Array.from({ length: engine.rowCount }, (_, row) => row).filter((row) => engine.hasAgent(row));
  const allTolerate = tasks.every(({ tolerations = [] }) => tolerations.length > 0);
  const keepsOff = (row: number): boolean =>
    engine.taintsOf(row).some(({ effect }) => effect !== 'PreferNoSchedule');
  return scheduler
    .agentStatuses()
    .map(({ id, taskCount, closed }, i) => ({ id, row: rows[i], inUse: taskCount > 0, closed }))
    .filter(({ row, closed }) => closed === undefined && (allTolerate || !keepsOff(row)));
}

/** Units by scalar resource. */
function demandsOf({ engine: { schema } }: Scheduler, { id, resources }: TaskSpec): Float64Array {
  const scalars = Object.entries(resources).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return schema.scalarUnits(Object.fromEntries(scalars), `task "${id}"`);
}
