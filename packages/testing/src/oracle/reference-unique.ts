/**
 * Reference forms of the constraints that keep tasks apart.
 */
import { coTasks, placementsOn } from './reference-cluster.ts';
import type { ReferenceConstraint } from './reference-model.ts';

/** No placed task with the same label value is on the agent. Tasks without the label may go anywhere. @public */
export function referenceUniqueHost(label = 'job'): ReferenceConstraint {
  return (task, agent, cluster) => !coTasks(cluster, task, label).some(({ row }) => row === agent.row);
}

/**
 * The agent has the attribute, and no placed task with the same label value is on any agent with the same value.
 * @public
 */
export function referenceUniqueAttribute(attribute: string, label = 'job'): ReferenceConstraint {
  return (task, agent, cluster) => {
    const value = agent.attributes[attribute];
    if (value === undefined) return false;
    const sameValue = cluster.agents.filter((other) => other.attributes[attribute] === value);
    return !coTasks(cluster, task, label).some(({ row }) => sameValue.some((other) => other.row === row));
  };
}

/** The agent is empty, and the scheduler keeps every other task off it. @public */
export function referenceExclusiveHost(): ReferenceConstraint {
  const isEmpty: ReferenceConstraint = (_task, agent, cluster) => placementsOn(cluster, agent).length === 0;
  return Object.assign(isEmpty, { claimsAgent: true });
}
