/**
 * Tasks with GPUs on agents with GPUs, all other tasks elsewhere, so that expensive agents are not filled by tasks
 * that do not need them (part of Titus's AgentManagementConstraint).
 */
import type { HardConstraint } from '@stowage/core';
import { requireTexts } from './parameters.ts';

/**
 * An agent that has some of the resource takes just the tasks that ask for it. O(1) per agent.
 * @param resource - scalar or set, default `gpu`
 * @throws StowageError INVALID_PLUGIN; UNKNOWN_RESOURCE when a task class is first placed
 * @public
 */
export function gpuMatch(resource = 'gpu'): HardConstraint {
  requireTexts('gpuMatch', resource);
  return {
    name: `${resource} only for those who ask`,
    key: JSON.stringify(['gpuMatch', resource]),
    dependsOn: 'agent',
    onlyTightens: true,
    bind(cluster, task) {
      const isSet = cluster.schema.resource(resource).kind === 'set';
      const amounts = isSet ? cluster.slots(resource).slotCount : cluster.total(resource);
      const asks = isSet ? task.slotDemand(resource) !== undefined : task.demand(resource) > 0;
      return {
        test: (row) => (amounts[row] > 0 === asks ? 0 : 1),
        explain: () => (asks ? `has no ${resource}` : `is kept for tasks that ask for ${resource}`),
      };
    },
  };
}
