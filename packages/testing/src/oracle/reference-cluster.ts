/**
 * Reading the state of the oracle.
 */
import type { TaskSelector } from '@stowage/core';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferencePlacement,
  ReferenceTask,
} from './reference-model.ts';
import { selects } from './reference-selector.ts';

/** Placements on an agent. @public */
export function placementsOn(cluster: ReferenceCluster, agent: ReferenceAgent): ReferencePlacement[] {
  return byRow(cluster.placements).get(agent.row) ?? [];
}

const grouped = new WeakMap<readonly ReferencePlacement[], Map<number, ReferencePlacement[]>>();

/** Lists of placements are never changed, so grouping one once is as good as filtering it for every agent. */
function byRow(placements: readonly ReferencePlacement[]): Map<number, ReferencePlacement[]> {
  let rows = grouped.get(placements);
  if (rows === undefined) {
    rows = new Map<number, ReferencePlacement[]>();
    grouped.set(placements, rows);
    for (const placement of placements)
      rows.set(placement.row, [...(rows.get(placement.row) ?? []), placement]);
  }
  return rows;
}

/** Units of a scalar resource that tasks use on an agent. @public */
export function usedUnits(cluster: ReferenceCluster, agent: ReferenceAgent, resource: string): number {
  return placementsOn(cluster, agent).reduce((sum, { task }) => sum + (task.demand[resource] ?? 0), 0);
}

/**
 * Placements of tasks with the same value of a label as this task; none when it lacks the label.
 * @public
 */
export function coTasks(cluster: ReferenceCluster, task: ReferenceTask, label: string): ReferencePlacement[] {
  const value = task.labels[label];
  if (value === undefined) return [];
  return cluster.placements.filter((placement) => placement.task.labels[label] === value);
}

/** Placements of the tasks that a selector selects. @public */
export function selectedTasks(cluster: ReferenceCluster, selector: TaskSelector): ReferencePlacement[] {
  return cluster.placements.filter(({ task }) => selects(selector, task.labels));
}
