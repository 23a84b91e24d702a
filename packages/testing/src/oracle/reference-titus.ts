/**
 * Reference forms of the constraints and preferences of Titus.
 */
import { coTasks, placementsOn } from './reference-cluster.ts';
import type { ReferenceConstraint, ReferenceFitness, ReferenceSlotFitness } from './reference-model.ts';

/** The phase is one of those that are open, and no flag is `true`. @public */
export function referenceAgentManagement(
  phase: string,
  open: readonly string[],
  noPlacement: readonly string[],
): ReferenceConstraint {
  return (_task, { attributes }) =>
    open.some((value) => attributes[phase] === value) &&
    noPlacement.every((flag) => attributes[flag] !== 'true');
}

/** The attribute says what the label of the task says, if it has one. @public */
export function referenceMatchesLabel(attribute: string, label: string): ReferenceConstraint {
  return (task, agent) =>
    task.labels[label] === undefined || agent.attributes[attribute] === task.labels[label];
}

/** Who asks gets an agent that has some, who does not gets one that has none. @public */
export function referenceGpuMatch(resource: string): ReferenceConstraint {
  return (task, agent) => {
    const asks = (task.demand[resource] ?? 0) > 0 || task.slotDemands.some(({ set }) => set === resource);
    const has = (agent.totals[resource] ?? 0) > 0 || (agent.sets[resource]?.labels.length ?? 0) > 0;
    return asks === has;
  };
}

/** No placed task has the same value of the label. @public */
export function referenceUniqueLabel(label: string): ReferenceConstraint {
  return (task, _agent, cluster) => coTasks(cluster, task, label).length === 0;
}

/** Fewer placed tasks on the agent are still to start. @public */
export function referenceLaunchGuard(maxStarting: number): ReferenceConstraint {
  return (_task, agent, cluster) =>
    placementsOn(cluster, agent).filter(({ stage }) => stage === 'assigned').length < maxStarting;
}

/** @param expectedZones - zones that should be used @public */
export function referenceZoneBalanceSoft(
  attribute: string,
  expectedZones: number,
  label: string,
): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const zone = agent.attributes[attribute];
    const zones = coTasks(cluster, task, label)
      .map(({ row }) => cluster.agents.find((other) => other.row === row)?.attributes[attribute])
      .filter((other) => other !== undefined);
    if (zone === undefined) return 10_485n;
    const count = zones.filter((other) => other === zone).length;
    if (count === 0) return 1_048_576n;
    const average = Math.ceil((zones.length + 1) / Math.max(expectedZones, new Set(zones).size));
    if (count >= average) return 10_485n;
    return (1_048_576n * BigInt(average - count)) / BigInt(average);
  };
  return Object.assign(score, { range: () => [0n, 1_048_576n] as const });
}

/**
 * In use 0.11 to 0.20, idle with the label 0.100, unbound 0.099, with another label 0.090 to 0.098 by idleness; 1.0 is
 * 10^9.
 * @public
 */
export function referenceTitusSlots(longIdleMs: number): ReferenceSlotFitness {
  return (task, agent, slot, { nowMs }) => {
    const demand = task.slotDemands.find(({ set }) => set === slot.set)!;
    const { unitsPerSlot, idleSinceMs } = agent.sets[slot.set];
    if (slot.isIdle) {
      if (slot.label === demand.label) return 100_000_000n;
      if (slot.label === null) return 99_000_000n;
      const idleMs = Math.min(longIdleMs, nowMs - idleSinceMs[slot.number]);
      return 90_000_000n + BigInt(Math.round((8_000_000 * idleMs) / longIdleMs));
    }
    const used = unitsPerSlot - slot.unitsFree + (demand.units ?? unitsPerSlot) + 1;
    return 110_000_000n + BigInt(Math.round((90_000_000 * used) / (unitsPerSlot + 1)));
  };
}
