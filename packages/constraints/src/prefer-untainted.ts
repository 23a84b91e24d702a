/**
 * The soft half of taints: agents marked `PreferNoSchedule` come last (Kubernetes' TaintToleration score). What the
 * other effects demand is enforced by the engine without any plug-in.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
import { SOFT_SCALE, type SoftConstraint } from '@stowage/core';
import { diminishing } from './diminishing.ts';

/**
 * Prefers agents by the number n of their `PreferNoSchedule` taints that the task does not tolerate: 1 / (1 + n) of
 * `SOFT_SCALE`, rounded down. O(1) per agent.
 * @public
 */
export function preferUntainted(): SoftConstraint {
  return {
    name: 'prefer untainted',
    key: 'preferUntainted',
    dependsOn: 'attributes',
    range: [0, SOFT_SCALE],
    bind({ taints }, task) {
      const { ids, idCount, valueOf } = taints;
      const scoreOf = Float64Array.from({ length: idCount }, (_, id) =>
        diminishing(
          valueOf(id).filter((taint) => taint.effect === 'PreferNoSchedule' && !task.tolerates(taint)).length,
        ),
      );
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = scoreOf[ids[rows[i]]];
        },
      };
    },
  };
}
