/**
 * Reading the state of the oracle, and translating what users write into it.
 */
import type { AgentShape, ResourceDefinition, SlotCapacity, SlotDemand } from '@stowage/core';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferencePlacement,
  ReferenceRequirements,
  ReferenceSlotDemand,
  ReferenceSlots,
  ReferenceTask,
} from './reference-model.ts';

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

/** A description of an agent in units; decimals must be whole numbers of units. */
export function toReferenceAgent(
  resources: readonly ResourceDefinition[],
  row: number,
  shape: AgentShape,
): ReferenceAgent {
  const totals: Record<string, number> = {};
  const sets: Record<string, ReferenceSlots> = {};
  for (const { name, kind, unitsPerWhole = 1 } of resources) {
    const amount = shape.resources[name];
    if (kind === 'set') {
      const { slots, unitsPerSlot } = (amount ?? { slots: 0, unitsPerSlot: 0 }) as SlotCapacity;
      sets[name] = {
        unitsPerSlot: slots === 0 ? 0 : Math.round(unitsPerSlot * unitsPerWhole),
        labels: Array.from({ length: slots }, () => null),
      };
    } else {
      totals[name] = Math.round(((amount ?? 0) as number) * unitsPerWhole);
    }
  }
  return { row, totals, sets, attributes: { ...shape.attributes }, draining: false };
}

/** A description of a task in units; decimals must be whole numbers of units. */
export function toReferenceTask(
  resources: readonly ResourceDefinition[],
  requirements: ReferenceRequirements,
): ReferenceTask {
  const demand: Record<string, number> = {};
  const slotDemands: ReferenceSlotDemand[] = [];
  for (const { name, kind, unitsPerWhole = 1 } of resources) {
    const amount = requirements.resources[name];
    if (kind !== 'set') {
      demand[name] = Math.round(((amount ?? 0) as number) * unitsPerWhole);
    } else if (amount !== undefined) {
      const { slots = 1, units, label = null } = amount as SlotDemand;
      const perSlot = units === undefined ? undefined : Math.round(units * unitsPerWhole);
      slotDemands.push({ set: name, slots, units: perSlot, label });
    }
  }
  const { job, labels, constraints = [], softConstraints = [], fitness } = requirements;
  return {
    demand,
    slotDemands,
    labels: { ...labels, ...(job === undefined ? {} : { job }) },
    constraints,
    softConstraints,
    fitness,
  };
}
