/**
 * Tasks away from other tasks, as a demand and as a preference (Kubernetes' podAntiAffinity, one term). The demand holds
 * in both directions: the constraint keeps its task away from the selected tasks, and what it declares to repel makes
 * the engine keep selected tasks away from its task later, whatever they bring along.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import type { HardConstraint, SoftConstraint, TaskSelector } from '@stowage/core';
import { diminishing } from './diminishing.ts';
import { domainPreference } from './domain-preference.ts';
import { domainDependency, type DomainOptions, domainTasks } from './domain-tasks.ts';
import { requireTexts } from './parameters.ts';
import { requireSelection } from './selection.ts';

/**
 * Refuses agents with a task that the selector selects in their domain, and keeps such tasks out of the domain while
 * this one is placed. Agents without the attribute are in no domain and accepted. O(values) per decision, O(1) per agent.
 * The engine keeps two counts per distinct selector: to keep the tasks of many jobs apart take `uniqueHost` or
 * `uniqueAttribute`, which need one for all.
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function antiAffinity(selector: TaskSelector, { attribute }: DomainOptions = {}): HardConstraint {
  if (attribute !== undefined) requireTexts('antiAffinity', attribute);
  const selection = requireSelection(selector);
  return {
    name: `anti-affinity to ${selection.text}${attribute === undefined ? '' : ` by ${attribute}`}`,
    key: JSON.stringify(['antiAffinity', selection.key, attribute ?? null]),
    ...domainDependency(attribute),
    ...(attribute === undefined && { excludes: { selector: selection.selector } }),
    onlyTightens: true,
    repels: { selector: selection.selector, ...(attribute !== undefined && { attribute }) },
    bind(cluster) {
      const tasks = domainTasks(cluster, selection.selector, attribute);
      return {
        prepare: () => tasks.prepare?.(),
        test: (row) => (tasks.count(row) > 0 ? 1 : 0),
        explain: (row) => `${tasks.where(row)} has ${selection.text} (${tasks.count(row)})`,
      };
    },
  };
}

/**
 * Prefers domains by the number n of selected tasks there: 1 / (1 + n) of `SOFT_SCALE`, rounded down; `SOFT_SCALE` where
 * the attribute is missing. One direction only: it does not keep later tasks away. O(values) per decision, O(1) per agent.
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function antiAffinitySoft(selector: TaskSelector, options: DomainOptions = {}): SoftConstraint {
  return domainPreference('antiAffinitySoft', 'anti-affinity to', selector, options, diminishing);
}
