/**
 * A preference among agents by the number of selected tasks in their domain: what soft affinity and soft
 * anti-affinity have in common.
 */
import { SOFT_SCALE, type SoftConstraint, type TaskSelector } from '@stowage/core';
import { domainDependency, type DomainOptions, domainTasks } from './domain-tasks.ts';
import { requireTexts } from './parameters.ts';
import { requireSelection } from './selection.ts';

/** @param score - 0 to `SOFT_SCALE` for a number of selected tasks; agents in no domain have 0 */
export function domainPreference(
  factory: string,
  relation: string,
  selector: TaskSelector,
  { attribute }: DomainOptions,
  score: (tasks: number) => number,
): SoftConstraint {
  if (attribute !== undefined) requireTexts(factory, attribute);
  const selection = requireSelection(selector);
  return {
    name: `${relation} ${selection.text}${attribute === undefined ? '' : ` by ${attribute}`} (soft)`,
    key: JSON.stringify([factory, selection.key, attribute ?? null]),
    ...domainDependency(attribute),
    range: [0, SOFT_SCALE],
    bind(cluster) {
      const tasks = domainTasks(cluster, selection.selector, attribute);
      return {
        prepare: () => tasks.prepare?.(),
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = score(Math.max(0, tasks.count(rows[i])));
        },
      };
    },
  };
}
