/**
 * Keeps like tasks apart, softly: the fewer tasks with the same value of a label an agent runs, the better (Titus's
 * job, image and security group spreading). Titus's JobSpreadingFitnessCalculator compares the task with itself and so
 * counts all tasks of the agent; this counts those of the same job.
 */
import type { FitnessCalculator } from '@stowage/core';
import { requireTexts } from '../parameters.ts';
import { ONE } from '../published-score.ts';

/**
 * 1.0 where no task with the same value of the label runs, else 0.5 / their number, from 0 to 10^9 = 1.0, rounded down.
 * A task without the label scores 1.0 everywhere. Expected O(1) per agent.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function labelSpreading(label: string): FitnessCalculator {
  requireTexts('labelSpreading', label);
  return {
    name: `${label} spreading`,
    key: JSON.stringify(['labelSpreading', label]),
    dependsOn: 'agent',
    range: [0, ONE],
    bind(cluster, task) {
      const labelId = task.labelId(label);
      const tasks = cluster.tasksByAgent(label);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const same = labelId === 0 ? 0 : tasks.get(labelId, rows[i]);
            scores[i] = same === 0 ? ONE : Math.floor(ONE / 2 / same);
          }
        },
      };
    },
  };
}

/** `labelSpreading` over the label `job`. @public */
export function jobSpreading(label = 'job'): FitnessCalculator {
  return labelSpreading(label);
}

/** `labelSpreading` over the label `image`. @public */
export function imageSpreading(label = 'image'): FitnessCalculator {
  return labelSpreading(label);
}

/** `labelSpreading` over the label `securityGroup`; join several groups in a fixed order. @public */
export function securityGroupSpreading(label = 'securityGroup'): FitnessCalculator {
  return labelSpreading(label);
}
