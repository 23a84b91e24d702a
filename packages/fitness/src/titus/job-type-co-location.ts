/**
 * Keeps tasks of one type together, service with service, batch with batch (Titus's JobTypeFitnessCalculator).
 */
import type { FitnessCalculator } from '@stowage/core';
import { requireTexts } from '../parameters.ts';
import { ONE, published } from '../published-score.ts';

const EMPTY = published(0.7);
const NONE_ALIKE = published(0.01);

/**
 * 0.7 on an empty agent, 0.01 where no task has the same value of the label, else the share of those that do, from 0 to
 * 10^9 = 1.0, rounded to the nearest integer. A task without the label is like no other. Expected O(1) per agent.
 * @param label - default `jobType`
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function jobTypeCoLocation(label = 'jobType'): FitnessCalculator {
  requireTexts('jobTypeCoLocation', label);
  return {
    name: `${label} co-location`,
    key: JSON.stringify(['jobTypeCoLocation', label]),
    dependsOn: 'agent',
    range: [0, ONE],
    bind(cluster, task) {
      const { taskCount } = cluster;
      const labelId = task.labelId(label);
      const tasks = cluster.tasksByAgent(label);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const all = taskCount[rows[i]];
            const alike = labelId === 0 ? 0 : tasks.get(labelId, rows[i]);
            scores[i] = all === 0 ? EMPTY : alike === 0 ? NONE_ALIKE : Math.round((ONE * alike) / all);
          }
        },
      };
    },
  };
}
