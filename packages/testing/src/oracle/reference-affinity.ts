/**
 * Reference forms of affinity and anti-affinity.
 */
import type { TaskSelector } from '@stowage/core';
import { selectedTasks } from './reference-cluster.ts';
import { domainOf, domainsOfTasks } from './reference-domains.ts';
import type { ReferenceConstraint, ReferenceFitness } from './reference-model.ts';
import { selects } from './reference-selector.ts';

/**
 * The agent is in a domain, and a selected task is in it; or no selected task is in any domain and this one would be the
 * first.
 * @public
 */
export function referenceAffinity(selector: TaskSelector, attribute?: string): ReferenceConstraint {
  return (task, agent, cluster) => {
    const domain = domainOf(agent, attribute);
    const domains = domainsOfTasks(cluster, selectedTasks(cluster, selector), attribute);
    if (domain === undefined) return false;
    if (domains.length === 0) return selects(selector, task.labels);
    return domains.includes(domain);
  };
}

/** n / (n + 1) of 2^20 for n selected tasks in the domain, rounded up. @public */
export function referenceAffinitySoft(selector: TaskSelector, attribute?: string): ReferenceFitness {
  const score: ReferenceFitness = (_task, agent, cluster) => {
    const domain = domainOf(agent, attribute);
    const there = domainsOfTasks(cluster, selectedTasks(cluster, selector), attribute).filter(
      (other) => other === domain,
    );
    const n = BigInt(there.length);
    return (2n ** 20n * n + n) / (n + 1n);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}

/**
 * No selected task is in the domain of the agent; who is in no domain has no neighbours. The scheduler keeps selected
 * tasks away later.
 * @public
 */
export function referenceAntiAffinity(selector: TaskSelector, attribute?: string): ReferenceConstraint {
  const isAlone: ReferenceConstraint = (_task, agent, cluster) => {
    const domain = domainOf(agent, attribute);
    const domains = domainsOfTasks(cluster, selectedTasks(cluster, selector), attribute);
    return domain === undefined || !domains.includes(domain);
  };
  return Object.assign(isAlone, {
    repels: { selector, ...(attribute !== undefined && { attribute }) },
  });
}

/** 1 / (1 + n) of 2^20 for n selected tasks in the domain, rounded down. @public */
export function referenceAntiAffinitySoft(selector: TaskSelector, attribute?: string): ReferenceFitness {
  const score: ReferenceFitness = (_task, agent, cluster) => {
    const domain = domainOf(agent, attribute);
    const there = domainsOfTasks(cluster, selectedTasks(cluster, selector), attribute).filter(
      (other) => other === domain,
    );
    return 2n ** 20n / BigInt(there.length + 1);
  };
  return Object.assign(score, { range: () => [0n, 2n ** 20n] as const });
}
