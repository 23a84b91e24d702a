/**
 * Relative load of an agent after the task is placed, Σ (used + needed) / total over some resources, as an exact
 * integer (see `loadWeights` of core): what packing and spreading both rank by. A resource of which an agent has
 * nothing at all adds nothing.
 */
import { type FitnessCalculator, loadWeights, StowageError } from '@stowage/core';

const INEXACT =
  'the totals of the agents have no common multiple below 2^53: ratios of different agents are rounded';

/** @throws StowageError INVALID_PLUGIN without resources or with one named twice */
export function loadFitness(
  name: string,
  prefer: 'greater' | 'smaller',
  resources: readonly string[],
): FitnessCalculator {
  if (resources.length === 0 || new Set(resources).size !== resources.length) {
    throw new StowageError('INVALID_PLUGIN', `${name}: name at least one resource, each once.`);
  }
  const sign = prefer === 'greater' ? 1 : -1;
  return {
    name: `${name}(${resources.join(', ')})`,
    key: JSON.stringify([name, ...resources]),
    dependsOn: 'agent',
    additive: { resources, prefer },
    bind(cluster, task) {
      const indices = resources.map((resource) => cluster.schema.scalar(resource).index);
      const load = loadWeights(cluster, indices);
      const columns = resources.map((resource) => ({
        free: cluster.free(resource),
        total: cluster.total(resource),
        needed: task.demand(resource),
      }));
      const { agentType } = cluster;
      const { weights } = load;
      const full = load.fullLoads.reduce((most, one) => Math.max(most, one), 0);
      return {
        range: sign > 0 ? [0, full] : [-full, 0],
        ...(load.exact ? {} : { note: INEXACT }),
        scoreInto(rows, count, scores) {
          for (let r = 0; r < columns.length; r++) {
            const { free, total, needed } = columns[r];
            for (let i = 0; i < count; i++) {
              const row = rows[i];
              const used = total[row] - free[row] + needed;
              const score = sign * weights[agentType[row] * columns.length + r] * used;
              scores[i] = r === 0 ? score : scores[i] + score;
            }
          }
        },
      };
    },
  };
}
