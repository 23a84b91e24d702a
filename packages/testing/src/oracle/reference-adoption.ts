/**
 * Whether a task that runs on an agent can be booked there, and on which slots.
 */
import { placementsOn } from './reference-cluster.ts';
import { freeUnits } from './reference-feasibility.ts';
import type { ReferenceAgent, ReferenceCluster, ReferenceTask } from './reference-model.ts';
import { chooseSlots, eligibleSlots } from './reference-slots.ts';

type SlotsBySet = Readonly<Record<string, readonly number[]>>;

/** Slots by resource set, those given or else the tightest; undefined when the agent has not what the task holds. */
export function adoptedSlots(
  cluster: ReferenceCluster,
  agent: ReferenceAgent,
  task: ReferenceTask,
  given: SlotsBySet,
): SlotsBySet | undefined {
  const neighbours = placementsOn(cluster, agent);
  for (const [resource, needed] of Object.entries(task.demand)) {
    if (needed > freeUnits(agent, neighbours, resource)) return undefined;
  }
  if (Object.keys(given).some((set) => !task.slotDemands.some((demand) => demand.set === set)))
    return undefined;
  const slots: Record<string, readonly number[]> = {};
  for (const demand of task.slotDemands) {
    const wanted = given[demand.set];
    const eligible = eligibleSlots(cluster, agent, demand).map(({ number }) => number);
    if (wanted === undefined) {
      const chosen = chooseSlots(cluster, agent, task, demand);
      if (chosen === undefined) return undefined;
      slots[demand.set] = chosen;
    } else {
      if (wanted.length !== demand.slots || !wanted.every((slot) => eligible.includes(slot)))
        return undefined;
      slots[demand.set] = [...wanted].sort((a, b) => a - b);
    }
  }
  return slots;
}
