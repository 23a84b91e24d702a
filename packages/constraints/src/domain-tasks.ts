/**
 * The tasks that a selector selects, per topology domain: agents with the same value of an attribute, or each agent for
 * itself. What affinity and anti-affinity decide by.
 */
import type { ClusterView, Plugin, TaskSelector } from '@stowage/core';

/** @public */
export interface DomainOptions {
  /** Agents with the same value of it are one domain, agents without it are in none. Default: each agent is a domain. */
  readonly attribute?: string;
}

export interface DomainTasks {
  /** To be called once before the rows of a decision. O(values). */
  readonly prepare: (() => void) | undefined;
  /** Selected tasks in the domain of a row; -1 when it is in none. */
  count(row: number): number;
  /** Selected tasks in all domains. */
  total(): number;
  /** The domain of a row in words. */
  where(row: number): string;
}

export function domainTasks(
  cluster: ClusterView,
  selector: TaskSelector,
  attribute: string | undefined,
): DomainTasks {
  const selected = cluster.selectedTasks(selector, attribute);
  if (attribute === undefined) {
    return {
      prepare: undefined,
      count: (row) => selected.get(row),
      total: () => selected.total,
      where: () => 'the agent',
    };
  }
  const column = cluster.attribute(attribute);
  const { ids } = column;
  const counts = new Int32Array(column.idCount);
  counts[0] = -1;
  return {
    prepare() {
      for (let id = 1; id < counts.length; id++) counts[id] = selected.get(id);
    },
    count: (row) => counts[ids[row]],
    total: () => selected.total - selected.get(0),
    where: (row) => `${attribute} ${column.valueOf(ids[row])}`,
  };
}

/** What plug-ins that look at one domain's tasks depend on. */
export function domainDependency(attribute: string | undefined): Pick<Plugin, 'dependsOn' | 'groupedBy'> {
  return attribute === undefined ? { dependsOn: 'agent' } : { dependsOn: 'group', groupedBy: [attribute] };
}
