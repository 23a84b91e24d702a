/**
 * What an agent is short of for a task of a class, as amounts that sum up: units of scalar resources, tasks that have
 * to leave because they or the newcomer claim the agent, tasks that repel the newcomer. A set of victims is enough for
 * one need when its gains sum up to what is missing, and the engine's own rules hold when that is so for all of them
 * and for the slots.
 */
import type { Ledger } from '../ledger/ledger.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { RESERVED } from '../tasks/task-table.ts';

/** Something that an agent may be short of. */
export interface Need {
  /** Nothing is missing on a row where this is 0 or less. */
  missingOn(row: number): number;
  /** What the task of an index gives back when it leaves its agent; at least 0. */
  gainOf(index: number): number;
}

/** All needs of a class but for slots. O(1), or O(tasks) when tasks that repel the class may be placed. */
export function needsOf(newcomer: TaskClass, ledger: Ledger): Need[] {
  const { agents, tasks } = ledger;
  const needs: Need[] = [];
  const classOf = (index: number): TaskClass => ledger.classes[tasks.classOf(index)]!;
  for (const resource of newcomer.demanded) {
    needs.push({
      missingOn: (row) => newcomer.demand[resource] - agents.free[resource][row],
      gainOf: (index) => classOf(index).demand[resource],
    });
  }
  for (const resource of newcomer.borrowed) {
    const needed = newcomer.demand[resource] + newcomer.opportunistic[resource];
    needs.push({
      missingOn: (row) => needed - agents.free[resource][row] - agents.surplus[resource][row],
      gainOf(index) {
        const { demand, opportunistic } = classOf(index);
        return opportunistic[resource] + (tasks.stageOf(index) === RESERVED ? 0 : demand[resource]);
      },
    });
  }
  needs.push({
    missingOn: (row) => agents.claims[row],
    gainOf: (index) => (classOf(index).claimsAgent ? 1 : 0),
  });
  if (newcomer.claimsAgent) needs.push({ missingOn: (row) => agents.taskCount[row], gainOf: () => 1 });
  return [...needs, ...departureOfRepellers(newcomer, ledger)];
}

/** Every repulsion that reaches a row counts, also those of tasks on other agents, which cannot be victims. */
function departureOfRepellers(newcomer: TaskClass, ledger: Ledger): Need[] {
  const { agents, tasks, classes } = ledger;
  const labels = newcomer.labels();
  const reaches = classes.map((taskClass) =>
    (taskClass?.repulsions ?? [])
      .filter(({ selector }) => selector.matches(labels))
      .map(({ spec: { attribute } }) =>
        attribute === undefined ? undefined : agents.attributes.column(attribute),
      ),
  );
  if (reaches.every(({ length }) => length === 0)) return [];
  const byRow = new Map<number, number>();
  const byValue = new Map<object, Map<number, number>>();
  for (let index = 0; index < tasks.highWater; index++) {
    if (tasks.classOf(index) < 0) continue;
    const row = tasks.agentOf(index);
    for (const column of reaches[tasks.classOf(index)]) {
      if (column === undefined) {
        byRow.set(row, (byRow.get(row) ?? 0) + 1);
      } else if (column.ids[row] !== 0) {
        const counts = byValue.get(column) ?? new Map<number, number>();
        byValue.set(column, counts);
        counts.set(column.ids[row], (counts.get(column.ids[row]) ?? 0) + 1);
      }
    }
  }
  const columns = [...new Set(reaches.flat())].filter((column) => column !== undefined);
  return [
    {
      missingOn: (row) =>
        columns.reduce(
          (sum, column) => sum + (byValue.get(column)?.get(column.ids[row]) ?? 0),
          byRow.get(row) ?? 0,
        ),
      gainOf: (index) =>
        reaches[tasks.classOf(index)].filter(
          (column) => column === undefined || column.ids[tasks.agentOf(index)] !== 0,
        ).length,
    },
  ];
}
