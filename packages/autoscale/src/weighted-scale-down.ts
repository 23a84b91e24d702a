/**
 * Fenzo's ScaleDownConstraintExecutor: an ordered list of sets, and within each set a weighted sum of scores in which a
 * single 0 means never. Where Fenzo breaks ties at random, here the lowest id goes first.
 */
import { show } from '@stowage/core';
import { requireArray, requireMethod, requireObject, requireText } from './checks.ts';
import { fail, guarded } from './errors.ts';
import { byId } from './order.ts';
import type { PoolAgent } from './pool-agent.ts';
import { requireSubset, type ScaleDownPolicy } from './scale-down-policy.ts';

/** Splits candidates into sets; all of the first set go before any of the second. Those in no set stay. @public */
export interface ScaleDownOrder {
  readonly name: string;
  order(candidates: readonly PoolAgent[]): readonly (readonly PoolAgent[])[];
}

/** Scores the agents of one set, one after the other in order of id. @public */
export interface ScaleDownEvaluator<Context = unknown> {
  readonly name: string;
  /**
   * @param context - what the call for the agent before in this set returned, undefined for the first
   * @returns a score from 0 (never remove) to 1, greater goes first, and the context for the next agent
   */
  evaluate(agent: PoolAgent, context: Context | undefined): ScaleDownScore<Context>;
}

/** @public */
export interface ScaleDownScore<Context = unknown> {
  readonly score: number;
  readonly context?: Context;
}

/** @public */
export interface WeightedEvaluator {
  // A context never leaves its evaluator, so evaluators with different ones may stand in one list.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly evaluator: ScaleDownEvaluator<any>;
  /** Greater than 0. */
  readonly weight: number;
}

const CODE = 'INVALID_SCALE_DOWN_POLICY';

/** One set of all (Fenzo's NoOpScaleDownOrderEvaluator). @public */
export function anyOrder(): ScaleDownOrder {
  return { name: 'any', order: (candidates) => [candidates] };
}

/**
 * Set by set, within a set by the sum of weight times score, ties by id. O(candidates · (evaluators + log candidates)).
 * @param evaluators - may be empty: then by id within each set
 * @throws StowageError INVALID_SCALE_DOWN_POLICY
 * @public
 */
export function weightedScaleDown(
  evaluators: readonly WeightedEvaluator[],
  order: ScaleDownOrder = anyOrder(),
): ScaleDownPolicy {
  const parts = requireArray<WeightedEvaluator>(CODE, 'the evaluators', evaluators).map(checkedPart);
  const wrong = parts.filter(({ weight }) => !(Number.isFinite(weight) && weight > 0));
  if (wrong.length > 0) {
    const list = wrong.map(({ evaluator, weight }) => `${evaluator.name}=${show(weight)}`).join(', ');
    fail(CODE, `weights must be finite and greater than 0; correct ${list}.`);
  }
  const { name } = requireMethod<ScaleDownOrder>(CODE, 'the order', order, 'order');
  return {
    name: [name, ...parts.map(({ evaluator }) => evaluator.name)].join(', '),
    rank: (candidates) => setsOf(order, candidates).flatMap((set) => rankSet([...set].sort(byId), parts)),
  };
}

function checkedPart(given: WeightedEvaluator): WeightedEvaluator {
  const { evaluator, weight } = requireObject<WeightedEvaluator>(CODE, 'an evaluator with its weight', given);
  requireMethod<ScaleDownEvaluator>(CODE, 'an evaluator', evaluator, 'evaluate');
  requireText(CODE, 'the name of an evaluator', evaluator.name);
  return { evaluator, weight };
}

function setsOf(order: ScaleDownOrder, candidates: readonly PoolAgent[]): readonly (readonly PoolAgent[])[] {
  const what = `scale-down order "${order.name}"`;
  const answer: unknown = guarded(what, () => order.order(candidates));
  const sets = requireArray<readonly PoolAgent[]>(CODE, `the answer of ${what}`, answer);
  for (const set of sets) requireArray(CODE, `a set of ${what}`, set);
  requireSubset(what, sets.flat(), candidates);
  return sets;
}

function rankSet(set: readonly PoolAgent[], parts: readonly WeightedEvaluator[]): PoolAgent[] {
  const totals = set.map(() => 0);
  for (const { evaluator, weight } of parts) {
    scoresOf(evaluator, set).forEach((score, i) => {
      totals[i] = score === 0 ? NaN : totals[i] + weight * score;
    });
  }
  return set
    .map((agent, i) => ({ agent, total: totals[i] }))
    .filter(({ total }) => !Number.isNaN(total))
    .sort((a, b) => b.total - a.total || byId(a.agent, b.agent))
    .map(({ agent }) => agent);
}

function scoresOf(evaluator: ScaleDownEvaluator, set: readonly PoolAgent[]): number[] {
  const what = `scale-down evaluator "${evaluator.name}"`;
  let context: unknown;
  return set.map((agent) => {
    const answer: unknown = guarded(what, () => evaluator.evaluate(agent, context));
    const given = requireObject<ScaleDownScore>(CODE, `the answer of ${what}`, answer);
    if (!Number.isFinite(given.score) || given.score < 0 || given.score > 1)
      fail(CODE, `${what} scored agent "${agent.id}" ${show(given.score)}; return a score from 0 to 1.`);
    context = given.context;
    return given.score;
  });
}
