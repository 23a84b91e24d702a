/**
 * The slot rule in the most direct words: list the eligible slots, sort them, take the first.
 *
 * A slot is eligible when enough of it is free and it carries the label asked for (none is a label) or is idle, for
 * long enough where it was bound to another label.
 * Order: in use with the label, idle with the label, idle and unbound, idle with another label; for a request
 * without a label all unbound slots rank equal. Then the slot fitness, then the lowest number.
 */
import { compareFractions, toFraction } from './fraction.ts';
import { placementsOn } from './reference-cluster.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceSlotDemand,
  ReferenceSlotFitness,
  ReferenceSlots,
  ReferenceSlotState,
  ReferenceTask,
} from './reference-model.ts';

const tightest: ReferenceSlotFitness = (_task, _agent, slot) => BigInt(-slot.unitsFree);

/** Slots to take, ascending; undefined when too few are eligible. */
export function chooseSlots(
  cluster: ReferenceCluster,
  agent: ReferenceAgent,
  task: ReferenceTask,
  demand: ReferenceSlotDemand,
  slotFitness: ReferenceSlotFitness = tightest,
): number[] | undefined {
  const eligible = eligibleSlots(cluster, agent, demand);
  if (eligible.length < demand.slots) return undefined;
  const score = (slot: ReferenceSlotState) => toFraction(slotFitness(task, agent, slot, cluster));
  eligible.sort(
    (a, b) =>
      preference(b, demand.label) - preference(a, demand.label) ||
      compareFractions(score(b), score(a)) ||
      a.number - b.number,
  );
  return eligible
    .slice(0, demand.slots)
    .map((slot) => slot.number)
    .sort((a, b) => a - b);
}

/** Slots that could each serve a demand. */
export function eligibleSlots(
  cluster: ReferenceCluster,
  agent: ReferenceAgent,
  { set, units, label }: ReferenceSlotDemand,
): ReferenceSlotState[] {
  const slots = agent.sets[set];
  return slotStates(cluster, agent, set).filter(
    (slot) => slot.unitsFree >= (units ?? slots.unitsPerSlot) && mayServe(slot, slots, label, cluster.nowMs),
  );
}

/** The slots of one set on an agent, with what the placements leave of them. */
export function slotStates(
  cluster: ReferenceCluster,
  agent: ReferenceAgent,
  set: string,
): ReferenceSlotState[] {
  const { unitsPerSlot, labels } = agent.sets[set];
  return labels.map((label, number) => {
    const holders = placementsOn(cluster, agent).filter(({ slots }) => slots[set]?.includes(number));
    const used = holders.reduce((sum, { task }) => sum + unitsTaken(task, set, unitsPerSlot), 0);
    return { set, number, unitsFree: unitsPerSlot - used, isIdle: holders.length === 0, label };
  });
}

function mayServe(
  slot: ReferenceSlotState,
  { idleSinceMs, rebindAfterMs }: ReferenceSlots,
  label: string | null,
  nowMs: number,
): boolean {
  if (slot.label === label) return true;
  if (!slot.isIdle) return false;
  return slot.label === null || nowMs - idleSinceMs[slot.number] >= rebindAfterMs;
}

function unitsTaken(task: ReferenceTask, set: string, unitsPerSlot: number): number {
  return task.slotDemands.find((demand) => demand.set === set)?.units ?? unitsPerSlot;
}

function preference(slot: ReferenceSlotState, label: string | null): number {
  if (label === null) return slot.label === null ? 1 : 0;
  if (slot.label === label) return slot.isIdle ? 2 : 3;
  return slot.label === null ? 1 : 0;
}
