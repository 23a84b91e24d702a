/**
 * Reference forms of the balance constraints. Co-tasks are placed tasks with the same value of a label; they are
 * counted per value of an attribute, and those on agents without the attribute count nowhere.
 */
import { coTasks } from './reference-cluster.ts';
import type {
  ReferenceCluster,
  ReferenceConstraint,
  ReferenceFitness,
  ReferenceTask,
} from './reference-model.ts';

/** @public */
export interface ReferenceBalanceOptions {
  /** Default `job`. */
  readonly label?: string;
  /** Values that should be used; while fewer are, the smallest count is 0. Default 0. */
  readonly expectedValues?: number;
}

/**
 * The agent's value has no co-tasks, or fewer than the fullest value, or all values are equally full.
 * @public
 */
export function referenceBalanced(
  attribute: string,
  { label = 'job', expectedValues = 0 }: ReferenceBalanceOptions = {},
): ReferenceConstraint {
  return (task, agent, cluster) => {
    const value = agent.attributes[attribute];
    if (value === undefined) return false;
    const counts = countsByValue(cluster, task, attribute, label);
    const count = counts[value] ?? 0;
    if (count === 0) return true;
    const seen = Object.values(counts);
    const min = expectedValues > seen.length ? 0 : Math.min(...seen);
    const max = Math.max(...seen);
    return min === max || count < max;
  };
}

/**
 * The share of co-tasks on other values, of 2^20, rounded down; 0 where the attribute is missing.
 * @public
 */
export function referenceBalancedSoft(
  attribute: string,
  { label = 'job' }: ReferenceBalanceOptions = {},
): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const value = agent.attributes[attribute];
    if (value === undefined) return 0n;
    const counts = countsByValue(cluster, task, attribute, label);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const count = counts[value] ?? 0;
    if (count === 0) return 2n ** 20n;
    return (2n ** 20n * BigInt(total - count)) / BigInt(total);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}

/** Co-tasks per value; only values that have some. */
function countsByValue(
  cluster: ReferenceCluster,
  task: ReferenceTask,
  attribute: string,
  label: string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { row } of coTasks(cluster, task, label)) {
    const value = cluster.agents.find((agent) => agent.row === row)?.attributes[attribute];
    if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
