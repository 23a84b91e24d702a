/**
 * Any hard constraint as a preference (Fenzo's AsSoftConstraint).
 */
import { type HardConstraint, requirePlugin, SOFT_SCALE, type SoftConstraint } from '@stowage/core';

/**
 * Scores SOFT_SCALE where the constraint holds and 0 where it does not. A claim on the whole agent is not
 * carried over: a preference reserves nothing.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function asSoft(constraint: HardConstraint): SoftConstraint {
  requirePlugin(constraint, 'hard constraint');
  return {
    name: `${constraint.name} (soft)`,
    ...(constraint.key === undefined ? {} : { key: JSON.stringify(['asSoft', constraint.key]) }),
    dependsOn: constraint.dependsOn ?? 'anything',
    ...(constraint.groupedBy && { groupedBy: constraint.groupedBy }),
    range: [0, SOFT_SCALE],
    bind(cluster, task) {
      const bound = constraint.bind(cluster, task);
      return {
        prepare: () => bound.prepare?.(),
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const reason = bound.test(rows[i]);
            scores[i] = reason === 0 ? SOFT_SCALE : reason > 0 ? 0 : NaN;
          }
        },
      };
    },
  };
}
