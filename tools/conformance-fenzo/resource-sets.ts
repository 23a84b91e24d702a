/**
 * Fenzo's resource sets in the engine. In Fenzo a task that asks nothing of a set takes a slot on hosts that have the
 * set, under the virtual name `CustomResAbsent` and with 0 units, and nothing on the others; here a task class asks
 * the same of every agent. So hosts without a set get one pseudo slot: requests of 0 units under the virtual name
 * share it, requests under other names are kept away by a constraint, and the fitness does not see it.
 */
import { matchExpressions } from '@stowage/constraints';
import type { ClusterView, FitnessCalculator, HardConstraint, SlotCapacity, SlotDemand } from '@stowage/core';
import type { GoldenHost, GoldenTask } from './golden-types.ts';
import { setName } from './resource-units.ts';

/** Fenzo's name for slots of tasks that ask nothing of a set. */
export const ABSENT = 'CustomResAbsent';

/** The slots of a host, or a pseudo slot, by the engine's names. */
export function slotsOf(host: GoldenHost, sets: readonly string[]): Record<string, SlotCapacity> {
  return Object.fromEntries(
    sets.map((name) => [
      setName(name),
      host.set?.name === name
        ? { slots: host.set.slots, unitsPerSlot: host.set.units }
        : { slots: 1, unitsPerSlot: 1 },
    ]),
  );
}

/** Says which set a host really has, for `requireSets`. */
export function setAttributes({ set }: GoldenHost): Record<string, string> {
  return set === undefined ? {} : { [setName(set.name)]: 'yes' };
}

/** What a task asks of all sets. */
export function slotDemands(task: GoldenTask, sets: readonly string[]): Record<string, SlotDemand> {
  return Object.fromEntries(
    sets.map((name) => {
      const request = task.namedResources.get(name);
      const demand =
        request === undefined ? { units: 0, label: ABSENT } : { units: request.units, label: request.value };
      return [setName(name), demand];
    }),
  );
}

/** Keeps a task off pseudo slots of the sets that it asks for. */
export function requireSets(task: GoldenTask): HardConstraint[] {
  const asked = [...task.namedResources.keys()];
  return asked.map((name) => matchExpressions([{ key: setName(name), operator: 'Exists' }]));
}

/**
 * A fitness that sees the slots of sets that hosts really have.
 * @param hosts - by row
 */
export function blindToPseudoSlots(
  fitness: FitnessCalculator,
  hosts: readonly GoldenHost[],
): FitnessCalculator {
  return {
    ...fitness,
    bind(cluster, task) {
      const slots: ClusterView['slots'] = (name) => {
        const columns = cluster.slots(name);
        const slotCount = columns.slotCount.map((count, row) =>
          hosts[row]?.set !== undefined && setName(hosts[row].set.name) === name ? count : 0,
        );
        return Object.create(columns, { slotCount: { value: slotCount } }) as typeof columns;
      };
      return fitness.bind(Object.create(cluster, { slots: { value: slots } }) as ClusterView, task);
    },
  };
}
