/**
 * Keeping what remains spread over the values of an attribute: Fenzo's two ways. The old one counts and takes from the
 * largest group; the other gives scores, to be weighed against other evaluators.
 */
import { requireFinite, requireFunction, requireText } from './checks.ts';
import { fail, guarded } from './errors.ts';
import { byText } from './order.ts';
import { attributeOf, type PoolAgent } from './pool-agent.ts';
import type { ScaleDownPolicy } from './scale-down-policy.ts';
import type { ScaleDownEvaluator } from './weighted-scale-down.ts';

const CODE = 'INVALID_SCALE_DOWN_POLICY';

/**
 * Takes again and again from the attribute value with the most idle agents left, ties by value; within a value by id.
 * Agents without the attribute are a group of their own, before all values. O(candidates · values).
 * @throws StowageError INVALID_SCALE_DOWN_POLICY
 * @public
 */
export function balancedByAttribute(attribute: string): ScaleDownPolicy {
  requireText(CODE, 'the attribute', attribute);
  return {
    name: `balanced by ${attribute}`,
    rank(candidates) {
      const groups = new Map<string, PoolAgent[]>();
      for (const agent of candidates) {
        const value = attributeOf(agent, attribute) ?? '';
        groups.set(value, [...(groups.get(value) ?? []), agent]);
      }
      const queues = [...groups].sort(([a], [b]) => byText(a, b)).map(([, agents]) => agents);
      const next = (): PoolAgent =>
        queues.reduce((largest, queue) => (queue.length > largest.length ? queue : largest)).shift()!;
      return candidates.map(next);
    },
  };
}

/** @public */
export interface BalancedEvaluatorOptions {
  /** Score of the first agent of a key, greater than 0. Default 0.5. */
  readonly initialScore?: number;
  /** What the second agent scores more; each further one adds half of the step before. Default 0.1. */
  readonly step?: number;
}

/**
 * Scores the k-th agent of a key higher than the one before, so that keys with many agents lose some first: 0.5, 0.6,
 * 0.65, 0.675 …, nearing but never reaching `initialScore + 2 · step`. As Fenzo's BalancedScaleDownConstraintEvaluator,
 * but a key that cannot be found is an error instead of a group named "failures".
 *
 * @param keyOf - for example `(agent) => agent.attributes?.zone ?? ''`
 * @throws StowageError INVALID_SCALE_DOWN_POLICY
 * @public
 */
export function balancedEvaluator(
  keyOf: (agent: PoolAgent) => string,
  { initialScore = 0.5, step = 0.1 }: BalancedEvaluatorOptions = {},
): ScaleDownEvaluator<Map<string, number>> {
  requireFunction(CODE, 'keyOf', keyOf);
  requireFinite(CODE, 'initialScore', initialScore);
  requireFinite(CODE, 'step', step);
  if (!(initialScore > 0 && step >= 0 && initialScore + 2 * step <= 1))
    fail(
      CODE,
      `initialScore ${initialScore} and step ${step}; choose scores above 0 with initialScore + 2 · step up to 1.`,
    );
  return {
    name: 'balanced',
    evaluate(agent, counts = new Map()) {
      const key = requireKey(agent, keyOf);
      const before = counts.get(key) ?? 0;
      return {
        score: initialScore + 2 * step * (1 - 0.5 ** before),
        // Only this evaluator sees the map, and only within one set: no need to copy it for every agent.
        context: counts.set(key, before + 1),
      };
    },
  };
}

function requireKey(agent: PoolAgent, keyOf: (agent: PoolAgent) => string): string {
  const key: unknown = guarded('keyOf of the balanced evaluator', () => keyOf(agent));
  if (typeof key === 'string') return key;
  return fail(CODE, `keyOf gave no text for agent "${agent.id}"; return a string for every agent.`);
}
