/**
 * Reference forms of packing and spreading: the sum of used/total, as fractions.
 */
import { addFractions, type Fraction, fraction } from './fraction.ts';
import { usedUnits } from './reference-cluster.ts';
import type { ReferenceAgent, ReferenceCluster, ReferenceFitness, ReferenceTask } from './reference-model.ts';

/** Σ (used + needed) / total over scalar resources, the greatest wins. @public */
export function referenceBinPacking(...resources: string[]): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => load(task, agent, cluster, resources);
  return Object.assign(score, {
    range: (cluster: ReferenceCluster) => [0n, fullest(cluster, resources)] as const,
  });
}

/** Σ (used + needed) / total over scalar resources, the smallest wins. @public */
export function referenceSpreading(...resources: string[]): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const { numerator, denominator } = load(task, agent, cluster, resources);
    return { numerator: -numerator, denominator };
  };
  return Object.assign(score, {
    range: (cluster: ReferenceCluster) => [-fullest(cluster, resources), 0n] as const,
  });
}

/** A resource that the agent has none of counts as 0. */
function load(
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  resources: readonly string[],
): Fraction {
  return resources
    .filter((resource) => agent.totals[resource] > 0)
    .map((resource) =>
      fraction(usedUnits(cluster, agent, resource) + task.demand[resource], agent.totals[resource]),
    )
    .reduce(addFractions, fraction(0));
}

/** The load of the agent that can be loaded most: one per resource it has. */
function fullest(cluster: ReferenceCluster, resources: readonly string[]): bigint {
  const loads = cluster.agents.map(
    (agent) => resources.filter((resource) => agent.totals[resource] > 0).length,
  );
  return BigInt(Math.max(0, ...loads));
}
