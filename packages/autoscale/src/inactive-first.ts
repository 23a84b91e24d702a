/**
 * Agents of retired clusters before all others. Fenzo's InactiveClusterScaleDownConstraintEvaluator means this, but
 * returns the active ones in both sets.
 */
import { requireFunction } from './checks.ts';
import type { PoolAgent } from './pool-agent.ts';
import type { ScaleDownOrder } from './weighted-scale-down.ts';

/**
 * Two sets: inactive, then active. O(candidates).
 * @throws StowageError INVALID_SCALE_DOWN_POLICY
 * @public
 */
export function inactiveFirst(isInactive: (agent: PoolAgent) => boolean): ScaleDownOrder {
  requireFunction('INVALID_SCALE_DOWN_POLICY', 'isInactive', isInactive);
  return {
    name: 'inactive first',
    order: (candidates) => [
      candidates.filter((agent) => isInactive(agent)),
      candidates.filter((agent) => !isInactive(agent)),
    ],
  };
}
