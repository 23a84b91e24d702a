/**
 * The plainest fitness that ranks by load, so that constraints are tried on the structure for such classes too.
 */
import { type FitnessCalculator, loadWeights, type ResourceDefinition } from '@stowage/core';

/** Prefers the fullest agent by the first scalar resource; undefined if there is none. */
export function packingBy(resources: readonly ResourceDefinition[]): FitnessCalculator | undefined {
  const scalar = resources.find(({ kind }) => kind !== 'set');
  if (scalar === undefined) return undefined;
  const { name } = scalar;
  return {
    name: `packing by ${name}`,
    dependsOn: 'agent',
    additive: { resources: [name], prefer: 'greater' },
    bind(cluster, task) {
      const { weights } = loadWeights(cluster, [cluster.schema.scalar(name).index]);
      const [free, total] = [cluster.free(name), cluster.total(name)];
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            scores[i] = weights[cluster.agentType[row]] * (total[row] - free[row] + task.demand(name));
          }
        },
      };
    },
  };
}
