/**
 * Reference forms of the spread over topology domains. A domain is a value of the attribute that some agent has.
 */
import type { TaskSelector } from '@stowage/core';
import { compareFractions, fraction, floorOfQuotient } from './fraction.ts';
import { coTasks, selectedTasks } from './reference-cluster.ts';
import { domainsOfTasks } from './reference-domains.ts';
import type {
  ReferenceAgent,
  ReferenceCluster,
  ReferenceConstraint,
  ReferenceFitness,
  ReferenceTask,
} from './reference-model.ts';
import { selects } from './reference-selector.ts';

/** @public */
export interface ReferenceSpreadOptions {
  /** Tasks to spread. Default: those with the same value of the label. */
  readonly selector?: TaskSelector | undefined;
  /** Default `job`. */
  readonly label?: string | undefined;
}

/** The domain of the agent would have at most so many tasks more than the one with the fewest. @public */
export function referenceMaxSkew(
  attribute: string,
  maxSkew: number,
  options: ReferenceSpreadOptions & { readonly minDomains?: number | undefined } = {},
): ReferenceConstraint {
  return (task, agent, cluster) => {
    const skew = skewWith(task, agent, cluster, attribute, options);
    return skew !== undefined && skew <= maxSkew;
  };
}

/** 1 / (1 + n) of 2^20, rounded down, where the skew would be n over the limit; 0 without the attribute. @public */
export function referenceMaxSkewSoft(
  attribute: string,
  maxSkew: number,
  options: ReferenceSpreadOptions = {},
): ReferenceFitness {
  const score: ReferenceFitness = (task, agent, cluster) => {
    const skew = skewWith(task, agent, cluster, attribute, options);
    if (skew === undefined) return 0n;
    return skew <= maxSkew ? 2n ** 20n : 2n ** 20n / BigInt(1 + skew - maxSkew);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}

/** share / (tasks + 1), as a part of the greatest there is among the agents, of 2^20, rounded down. @public */
export function referenceSpreadTargetsSoft(
  attribute: string,
  shares: Readonly<Record<string, number>>,
  options: ReferenceSpreadOptions = {},
): ReferenceFitness {
  const rest = 100 - Object.values(shares).reduce((sum, share) => sum + share, 0);
  const score: ReferenceFitness = (task, agent, cluster) => {
    const lagOf = (value: string) => {
      const tasks = spreadTasks(task, cluster, attribute, options).filter((domain) => domain === value);
      return fraction(shares[value] ?? rest, tasks.length + 1);
    };
    const value = agent.attributes[attribute];
    if (value === undefined) return 0n;
    const lags = domainsOf(cluster, attribute).map(lagOf).sort(compareFractions);
    const greatest = lags[lags.length - 1];
    if (greatest.numerator === 0n) return 0n;
    const { numerator, denominator } = lagOf(value);
    return floorOfQuotient({ numerator: numerator * 2n ** 20n, denominator }, greatest);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}

/** Tasks in the domain of the agent after the placement, less the fewest in a domain before; undefined if in none. */
function skewWith(
  task: ReferenceTask,
  agent: ReferenceAgent,
  cluster: ReferenceCluster,
  attribute: string,
  options: ReferenceSpreadOptions & { readonly minDomains?: number | undefined },
): number | undefined {
  const { selector, label = 'job', minDomains = 1 } = options;
  const own = agent.attributes[attribute];
  if (own === undefined) return undefined;
  const tasks = spreadTasks(task, cluster, attribute, options);
  const counts = domainsOf(cluster, attribute).map(
    (domain) => tasks.filter((other) => other === domain).length,
  );
  const fewest = counts.length < minDomains ? 0 : Math.min(...counts);
  const isSpread = selector === undefined ? task.labels[label] !== undefined : selects(selector, task.labels);
  return tasks.filter((other) => other === own).length + (isSpread ? 1 : 0) - fewest;
}

/** The domains of the placed tasks that are spread together with a task. */
function spreadTasks(
  task: ReferenceTask,
  cluster: ReferenceCluster,
  attribute: string,
  { selector, label = 'job' }: ReferenceSpreadOptions,
): (string | number)[] {
  const tasks = selector === undefined ? coTasks(cluster, task, label) : selectedTasks(cluster, selector);
  return domainsOfTasks(cluster, tasks, attribute);
}

function domainsOf(cluster: ReferenceCluster, attribute: string): string[] {
  const values = cluster.agents.map((agent) => agent.attributes[attribute]);
  return [...new Set(values.filter((value) => value !== undefined))];
}
