/**
 * Which idle agents go first. A policy ranks the candidates of one pool; those it leaves out are never removed. Candidates
 * come in order of id, and every ranking here falls back to it, so equal pools give equal answers.
 */
import { show } from '@stowage/core';
import { requireArray } from './checks.ts';
import { fail, guarded } from './errors.ts';
import { byId } from './order.ts';
import type { PoolAgent } from './pool-agent.ts';

/** @public */
export interface ScaleDownPolicy {
  readonly name: string;
  /** Candidates, which come in order of id, in the order in which they should go; those left out stay. Must be pure. */
  rank(candidates: readonly PoolAgent[]): readonly PoolAgent[];
}

const CODE = 'INVALID_SCALE_DOWN_POLICY';

/** By id, lowest first: what an auto-scaler does that was given no policy. @public */
export function lowestIdFirst(): ScaleDownPolicy {
  return { name: 'lowest id first', rank: (candidates) => candidates };
}

/** Longest idle first; agents that do not say since when go last. Ties by id. @public */
export function longestIdleFirst(): ScaleDownPolicy {
  const since = ({ idleSinceMs = Infinity }: PoolAgent): number => idleSinceMs;
  return {
    name: 'longest idle first',
    rank: (candidates) =>
      [...candidates].sort((a, b) => (since(a) === since(b) ? byId(a, b) : since(a) - since(b))),
  };
}

/** A policy's answer, checked. @throws StowageError INVALID_SCALE_DOWN_POLICY, AUTOSCALE_CALLBACK_FAILED */
export function rankedBy(policy: ScaleDownPolicy, candidates: readonly PoolAgent[]): readonly PoolAgent[] {
  const what = `scale-down policy "${policy.name}"`;
  const ranked: unknown = guarded(what, () => policy.rank(candidates));
  return requireSubset(what, requireArray<PoolAgent>(CODE, `the answer of ${what}`, ranked), candidates);
}

/** Agents that are all candidates, each at most once. @throws StowageError INVALID_SCALE_DOWN_POLICY */
export function requireSubset(
  what: string,
  agents: readonly PoolAgent[],
  candidates: readonly PoolAgent[],
): readonly PoolAgent[] {
  const left = new Set(candidates);
  for (const agent of agents) {
    if (!left.delete(agent))
      fail(CODE, `${what} gave ${show(agent)} twice or out of nowhere; return each candidate at most once.`);
  }
  return agents;
}
