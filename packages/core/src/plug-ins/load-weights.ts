/**
 * Resource ratios as exact integers. used/total summed over resources and compared between agents of different
 * size is a comparison of fractions; multiplying all of them by the least common multiple of the totals makes
 * them integers without changing any order or tie. When that multiple does not fit into 53 bits, weights are rounded
 * down to the finest that do: deterministic, but agents of different size that tie, or differ by less than about one
 * part in 2^20, may then be ranked otherwise; `exact` tells.
 */
import type { ClusterView } from './cluster-view.ts';

/** @public */
export interface LoadWeights {
  /** Score units of one used unit: `weights[typeOf[row] * resources + r]`; 0 where the agent has none at all. */
  readonly weights: Float64Array;
  /** Score of an agent that is full, by type. */
  readonly fullLoads: Float64Array;
  /** Score of one fully used resource. */
  readonly scale: number;
  /** False when the fixed-point fallback is in force. */
  readonly exact: boolean;
}

/**
 * Integer weights for Σ used/total over some scalar resources of the present agent types.
 *
 * @param resources - scalar resource indices, at most 4096
 * O(types · resources).
 * @public
 */
export function loadWeights(
  cluster: Pick<ClusterView, 'agentTypes'>,
  resources: readonly number[],
): LoadWeights {
  const types = cluster.agentTypes;
  const limit = Math.floor(Number.MAX_SAFE_INTEGER / resources.length);
  let multiple = 1;
  for (const totals of types) {
    for (const resource of resources) {
      const total = totals?.[resource] ?? 0;
      if (total > 0) multiple = (multiple / gcd(multiple, total)) * total;
      if (multiple > limit) return weightsFor(types, resources, limit, false);
    }
  }
  return weightsFor(types, resources, multiple, true);
}

function weightsFor(
  types: ClusterView['agentTypes'],
  resources: readonly number[],
  scale: number,
  exact: boolean,
): LoadWeights {
  const weights = new Float64Array(types.length * resources.length);
  const fullLoads = new Float64Array(types.length);
  types.forEach((totals, type) => {
    resources.forEach((resource, r) => {
      const total = totals?.[resource] ?? 0;
      const weight = total > 0 ? Math.floor(scale / total) : 0;
      weights[type * resources.length + r] = weight;
      fullLoads[type] += weight * total;
    });
  });
  return { weights, fullLoads, scale, exact };
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
