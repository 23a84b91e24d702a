/**
 * Reference forms of the calculators that look at which tasks an agent runs already. 1.0 is 10^9.
 */
import { coTasks, placementsOn } from './reference-cluster.ts';
import type { ReferenceAgent, ReferenceCluster, ReferenceFitness, ReferenceTask } from './reference-model.ts';

const ONE = 10n ** 9n;

/** 1.0 without tasks of the same label value on the agent, else 0.5 / their number, rounded down. @public */
export function referenceLabelSpreading(label: string): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const alike = likeTasks(task, agent, cluster, label);
    return alike === 0n ? ONE : ONE / (2n * alike);
  };
  return Object.assign(score, { range: () => [0n, ONE] as const });
}

/** 0.7 on an empty agent, 0.01 without like tasks, else their share of all tasks, to the nearest. @public */
export function referenceJobTypeCoLocation(label: string): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const all = BigInt(placementsOn(cluster, agent).length);
    const alike = likeTasks(task, agent, cluster, label);
    if (all === 0n) return 700_000_000n;
    if (alike === 0n) return 10_000_000n;
    return (2n * ONE * alike + all) / (2n * all);
  };
  return Object.assign(score, { range: () => [0n, ONE] as const });
}

function likeTasks(
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  label: string,
): bigint {
  return BigInt(coTasks(cluster, task, label).filter(({ row }) => row === agent.row).length);
}
