/**
 * Tasks near other tasks, as a demand and as a preference (Kubernetes' podAffinity, one term). The hard form looks at
 * what is placed when the task is placed; that the neighbours stay is not enforced.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import { type HardConstraint, SOFT_SCALE, type SoftConstraint, type TaskSelector } from '@stowage/core';
import { diminishing } from './diminishing.ts';
import { domainPreference } from './domain-preference.ts';
import { type DomainOptions, domainTasks } from './domain-tasks.ts';
import { requireTexts } from './parameters.ts';
import { requireSelection } from './selection.ts';

/**
 * Accepts an agent when a task that the selector selects is placed in its domain. Agents without the attribute are
 * refused. A task that its own selector selects may be the first: while no selected task is placed in any domain, every
 * agent that is in one is accepted. O(values) per decision, O(1) per agent.
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function affinity(selector: TaskSelector, { attribute }: DomainOptions = {}): HardConstraint {
  if (attribute !== undefined) requireTexts('affinity', attribute);
  const selection = requireSelection(selector);
  return {
    name: `affinity to ${selection.text}${attribute === undefined ? '' : ` by ${attribute}`}`,
    key: JSON.stringify(['affinity', selection.key, attribute ?? null]),
    dependsOn: 'group',
    ...(attribute !== undefined && { groupedBy: [attribute] }),
    bind(cluster, task) {
      const tasks = domainTasks(cluster, selection.selector, attribute);
      const selectsItself = selection.selects(task);
      let isFirst = false;
      return {
        prepare() {
          tasks.prepare?.();
          isFirst = selectsItself && tasks.total() === 0;
        },
        test(row) {
          const count = tasks.count(row);
          if (count < 0) return 1;
          return count > 0 || isFirst ? 0 : 2;
        },
        explain: (row, reason) =>
          reason === 1
            ? `${attribute} is missing`
            : `${tasks.where(row)} has no ${selection.text} (${tasks.total()} elsewhere)`,
      };
    },
  };
}

/**
 * Prefers domains by the number n of selected tasks there: n / (n + 1) of `SOFT_SCALE`, rounded up; 0 where the
 * attribute is missing. For a preference that knows only yes and no take `asSoft(affinity(…))`. O(values) per decision,
 * O(1) per agent.
 * @throws StowageError INVALID_SPEC for the selector, INVALID_PLUGIN
 * @public
 */
export function affinitySoft(selector: TaskSelector, options: DomainOptions = {}): SoftConstraint {
  return domainPreference(
    'affinitySoft',
    'affinity to',
    selector,
    options,
    (tasks) => SOFT_SCALE - diminishing(tasks),
  );
}
