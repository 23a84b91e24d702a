/**
 * The contract of shortfall evaluators: how many agents of which pool do failed tasks call for? Evaluators get the tasks
 * longest waiting first and the pools by priority, and must answer the same for the same.
 */
import { type AgentShape, show } from '@stowage/core';
import { requireArray, requireCount, requireObject } from './checks.ts';
import { fail, guarded } from './errors.ts';
import type { FailedTask } from './failed-task.ts';
import type { CheckedRule } from './pool-rule.ts';

/** A pool that may grow. @public */
export interface PoolRoom {
  readonly pool: string;
  /** Agents that it may still grow by; Infinity when unlimited. */
  readonly room: number;
  /** What a new agent looks like. */
  readonly template?: AgentShape;
}

/** @public */
export interface PoolShortfall {
  readonly pool: string;
  /** Agents that are missing. */
  readonly agents: number;
  /** Ids of the tasks that these agents are for. */
  readonly tasks: readonly string[];
}

/** @public */
export interface ShortfallEvaluator {
  readonly name: string;
  /** Rules without a template are refused when true. Default false. */
  readonly needsTemplate?: boolean;
  /** At most one answer per pool; pools left out need nothing. */
  shortfall(tasks: readonly FailedTask[], pools: readonly PoolRoom[]): readonly PoolShortfall[];
}

/** Failed tasks call for no agents; pools grow by their thresholds only. @public */
export function noShortfall(): ShortfallEvaluator {
  return { name: 'none', shortfall: () => [] };
}

const CODE = 'AUTOSCALE_CALLBACK_FAILED';

/** Answers of an evaluator by pool, checked. @throws StowageError AUTOSCALE_CALLBACK_FAILED and what it throws */
export function shortfallByPool(
  evaluator: ShortfallEvaluator,
  tasks: readonly FailedTask[],
  pools: readonly PoolRoom[],
): Map<string, PoolShortfall> {
  const byPool = new Map<string, PoolShortfall>();
  if (tasks.length === 0) return byPool;
  const what = `shortfall evaluator "${evaluator.name}"`;
  const answers = guarded(what, () => evaluator.shortfall(tasks, pools));
  const known = new Set(pools.map(({ pool }) => pool));
  for (const answer of requireArray<PoolShortfall>(CODE, `the answer of ${what}`, answers)) {
    const { pool, agents, tasks: ids } = requireObject<PoolShortfall>(CODE, `an answer of ${what}`, answer);
    if (!known.has(pool) || byPool.has(pool))
      fail(CODE, `${what} named pool ${show(pool)}; name each of the pools given at most once.`);
    requireCount(CODE, `agents of pool "${pool}" by ${what}`, agents);
    requireArray(CODE, `tasks of pool "${pool}" by ${what}`, ids);
    byPool.set(pool, answer);
  }
  return byPool;
}

/** What the rule makes of a shortfall, rounded up. @throws StowageError AUTOSCALE_CALLBACK_FAILED */
export function adjustedShortfall({ pool, adjustShortfall: adjust }: CheckedRule, agents: number): number {
  if (agents === 0 || adjust === undefined) return agents;
  const what = `adjustShortfall of pool "${pool}"`;
  const adjusted: unknown = guarded(what, () => adjust(agents));
  if (typeof adjusted === 'number' && adjusted >= 0 && adjusted <= Number.MAX_SAFE_INTEGER)
    return Math.ceil(adjusted);
  return fail(CODE, `${what} made ${show(adjusted)} of ${agents}; return a finite number of at least 0.`);
}
