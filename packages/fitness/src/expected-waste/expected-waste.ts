/**
 * Expected waste: the agent on which a task leaves least to be wasted. A gap is worth what tasks like those seen so far
 * will use of it before an unknown end; the task goes where it takes away least of that, and to an empty agent rather
 * than into a gap that it would spoil. These are the bid prices of revenue management (Talluri and van Ryzin, Management
 * Science 44, 1998), for bins: level-waste.ts works them out for one resource, sampled-gain.ts for several.
 */
import { type ClusterView, type FitnessCalculator, StowageError } from '@stowage/core';
import { ArrivalHistory, MAX_LEVELS } from './arrival-history.ts';
import { GainMemory } from './gain-memory.ts';
import { LevelMemory } from './level-memory.ts';

/**
 * How much less is expected to be wasted with the task placed, in steps of 2^-20: of a unit where tasks ask for one
 * resource of which no agent has more than 256 units, else of an agent's total. Agents with tasks change by
 * W(gap) − W(gap − demand). Empty ones cost what the new gap is expected to waste (one resource), or nothing (several):
 * a task is placed beside others only where that makes them fuller in the end.
 *
 * Online and deterministic: knows the arrivals noted in the history, not how many are to come. For one resource it plans
 * for 512 arrivals, for four times as many as soon as those have come, and so on; for several, an open gap counts on 16
 * offers. Until something was noted it is first fit among the agents in use.
 *
 * It learns when it is first asked after enough arrivals, from the agents as they are then, so questions in between may
 * change later answers. What it has learnt is no part of a snapshot. Draining agents count among those in use.
 *
 * Looks at all agents in every decision. One resource: O(1) per agent, and O(demands · levels) after every eighth more
 * arrivals, at the latest after 32. Several: some tenths of a microsecond to microseconds per feasible agent, by how many
 * of the latest 64 shapes fit; where hundreds are feasible, `sampled(expectedWaste(history), 100)` bounds that.
 *
 * @param history - of the resources to look at; note every task there before it is placed
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function expectedWaste(history: ArrivalHistory): FitnessCalculator {
  if (!(history instanceof ArrivalHistory))
    throw new StowageError(
      'INVALID_PLUGIN',
      'expectedWaste: give it the ArrivalHistory that notes the tasks.',
    );
  const levels = new WeakMap<ClusterView, LevelMemory>();
  const gains = new WeakMap<ClusterView, GainMemory>();
  return {
    name: `expected waste(${history.resources.join(', ')})`,
    dependsOn: 'anything',
    bind(cluster, task) {
      const totals = greatestTotals(cluster, history.resources);
      if (totals.length === 1 && totals[0] <= MAX_LEVELS) {
        const memory = remembered(levels, cluster, totals, () => new LevelMemory(history, cluster, totals));
        return memory.bind(task);
      }
      return remembered(gains, cluster, totals, () => new GainMemory(history, cluster, totals)).bind(task);
    },
  };
}

function greatestTotals(cluster: ClusterView, resources: readonly string[]): Int32Array {
  return Int32Array.from(resources, (resource) => {
    const { index } = cluster.schema.scalar(resource);
    return cluster.agentTypes.reduce((most, totals) => Math.max(most, totals?.[index] ?? 0), 0);
  });
}

/** What a policy has learnt on a cluster, forgotten when its largest agent changes. */
function remembered<T extends { readonly totals: Int32Array }>(
  memories: WeakMap<ClusterView, T>,
  cluster: ClusterView,
  totals: Int32Array,
  create: () => T,
): T {
  const known = memories.get(cluster);
  if (known !== undefined && known.totals.every((total, k) => total === totals[k])) return known;
  const memory = create();
  memories.set(cluster, memory);
  return memory;
}
