/**
 * Whether an agent can run a task: the rules one after the other, each summed up anew from the placements.
 */
import type { Taint } from '@stowage/core';
import { placementsOn } from './reference-cluster.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceConstraint,
  ReferencePlacement,
  ReferenceTask,
} from './reference-model.ts';
import { selects } from './reference-selector.ts';
import { chooseSlots } from './reference-slots.ts';

/** @param constraints - those that hold for every task besides its own */
export function isFeasible(
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  constraints: readonly ReferenceConstraint[],
): boolean {
  const neighbours = placementsOn(cluster, agent);
  return (
    !agent.draining &&
    !neighbours.some((neighbour) => claimsAgent(neighbour.task)) &&
    !(claimsAgent(task) && neighbours.length > 0) &&
    Object.keys(agent.totals).every((resource) => hasRoom(task, agent, neighbours, resource)) &&
    task.slotDemands.every((demand) => chooseSlots(cluster, agent, task, demand) !== undefined) &&
    agent.taints.every((taint) => taint.effect === 'PreferNoSchedule' || isTolerated(task, taint)) &&
    !cluster.placements.some((placement) => repels(placement, task, agent, cluster)) &&
    [...constraints, ...task.constraints].every((constraint) => constraint(task, agent, cluster))
  );
}

/** Units that no task has booked. */
export function freeUnits(
  agent: ReferenceAgent,
  neighbours: readonly ReferencePlacement[],
  resource: string,
): number {
  return agent.totals[resource] - sum(neighbours.map(({ task }) => task.demand[resource]));
}

/** Units that opportunistic tasks could still book; negative when they have booked what the owners need. */
export function lendableUnits(
  agent: ReferenceAgent,
  neighbours: readonly ReferencePlacement[],
  resource: string,
): number {
  const reserved = neighbours.filter(({ stage }) => stage === 'reserved');
  const unused = sum(reserved.map(({ task }) => task.demand[resource])) + agent.lent[resource];
  const borrowed = sum(neighbours.map(({ task }) => task.opportunistic[resource]));
  return freeUnits(agent, neighbours, resource) + unused - borrowed;
}

/** Whether one of the tolerations of a task is for a taint. */
export function isTolerated({ tolerations }: ReferenceTask, taint: Taint): boolean {
  return tolerations.some(
    ({ key, value, effect }) =>
      (key === undefined || key === taint.key) &&
      (value === undefined || value === (taint.value ?? '')) &&
      (effect === undefined || effect === taint.effect),
  );
}

function hasRoom(
  { demand, opportunistic }: ReferenceTask,
  agent: ReferenceAgent,
  neighbours: readonly ReferencePlacement[],
  resource: string,
): boolean {
  if (demand[resource] > freeUnits(agent, neighbours, resource)) return false;
  if (opportunistic[resource] === 0) return true;
  return demand[resource] + opportunistic[resource] <= lendableUnits(agent, neighbours, resource);
}

function claimsAgent(task: ReferenceTask): boolean {
  return task.constraints.some((constraint) => constraint.claimsAgent === true);
}

/** Whether a placed task keeps another one off an agent. */
function repels(
  placement: ReferencePlacement,
  task: ReferenceTask,
  agent: ReferenceAgent,
  { agents }: ReferenceCluster,
): boolean {
  const there = agents.find(({ row }) => row === placement.row)!;
  return placement.task.constraints.some((constraint) => {
    if (constraint.repels === undefined) return false;
    const { selector, attribute } = constraint.repels;
    if (!selects(selector, task.labels)) return false;
    if (attribute === undefined) return agent.row === there.row;
    return (
      Object.hasOwn(agent.attributes, attribute) &&
      agent.attributes[attribute] === there.attributes[attribute]
    );
  });
}

function sum(units: readonly number[]): number {
  return units.reduce((total, more) => total + more, 0);
}
