/**
 * The rule of one agent pool: how much idle capacity to keep, within which size, and how hastily. Rules are checked and
 * copied when they are given, so what a caller does to its object later changes nothing. After Fenzo's AutoScaleRule,
 * which is checked nowhere.
 */
import type { AgentShape } from '@stowage/core';
import {
  requireAmount,
  requireCount,
  requireFinite,
  requireFunction,
  requireObject,
  requireText,
} from './checks.ts';
import { fail } from './errors.ts';
import type { PoolAgent } from './pool-agent.ts';

/** @public */
export interface PoolRule {
  /** The pool, in the words of `PoolAgent.pool` or of the pool attribute. */
  readonly pool: string;
  /** With fewer idle agents the pool grows until `maxIdle`. */
  readonly minIdle: number;
  /** With more idle agents the pool shrinks to it. At least `minIdle`. */
  readonly maxIdle: number;
  /** The pool is never shrunk below it, and grown to it. Default 0. */
  readonly minSize?: number;
  /** The pool is never grown above it. At least `minSize`. Default: unlimited. */
  readonly maxSize?: number;
  /** Least time between two steps: growing after growing, shrinking after either. Shortfall does not wait for it. */
  readonly coolDownMs: number;
  /** How long growing must be called for before it happens. Default 0. */
  readonly scaleUpDelayMs?: number;
  /** How long shrinking must be called for before it happens. Default 0. */
  readonly scaleDownDelayMs?: number;
  /** An agent must be idle for so long before it is removed. Default 0. */
  readonly idleGraceMs?: number;
  /** Idle agents that do not count as idle capacity and stay. Default: none. Must be pure. */
  readonly isTooSmall?: (agent: PoolAgent) => boolean;
  /** Corrects the number of agents that failed tasks call for; rounded up. Default: unchanged. Must be pure. */
  readonly adjustShortfall?: (agents: number) => number;
  /** What a new agent of this pool looks like; dominant and what-if shortfall need it. */
  readonly template?: AgentShape;
  /** Pools with a smaller number are filled first by failed tasks; ties by pool name. Default 0. */
  readonly priority?: number;
}

/** A rule with its defaults filled in. */
export interface CheckedRule
  extends
    Required<Omit<PoolRule, 'isTooSmall' | 'adjustShortfall' | 'template'>>,
    Pick<PoolRule, 'isTooSmall' | 'adjustShortfall' | 'template'> {}

const CODE = 'INVALID_POOL_RULE';
const MAX_DEPTH = 4;

/** @throws StowageError INVALID_POOL_RULE */
export function checkedRule(given: PoolRule): CheckedRule {
  const rule = requireObject<PoolRule>(CODE, 'the rule', given);
  const pool = requireText(CODE, 'the pool of the rule', rule.pool);
  const what = (field: string): string => `${field} of pool "${pool}"`;
  const { maxSize = Infinity, template } = rule;
  const checked = {
    pool,
    minIdle: requireCount(CODE, what('minIdle'), rule.minIdle),
    maxIdle: requireCount(CODE, what('maxIdle'), rule.maxIdle),
    minSize: requireCount(CODE, what('minSize'), rule.minSize ?? 0),
    maxSize: maxSize === Infinity ? maxSize : requireCount(CODE, what('maxSize'), maxSize),
    coolDownMs: requireAmount(CODE, what('coolDownMs'), rule.coolDownMs),
    scaleUpDelayMs: requireAmount(CODE, what('scaleUpDelayMs'), rule.scaleUpDelayMs ?? 0),
    scaleDownDelayMs: requireAmount(CODE, what('scaleDownDelayMs'), rule.scaleDownDelayMs ?? 0),
    idleGraceMs: requireAmount(CODE, what('idleGraceMs'), rule.idleGraceMs ?? 0),
    isTooSmall: optionalFunction(what('isTooSmall'), rule.isTooSmall),
    adjustShortfall: optionalFunction(what('adjustShortfall'), rule.adjustShortfall),
    template: template === undefined ? undefined : copiedShape(template, what('the template')),
    priority: requireFinite(CODE, what('priority'), rule.priority ?? 0),
  };
  requireOrder(pool, 'minIdle', checked.minIdle, 'maxIdle', checked.maxIdle);
  requireOrder(pool, 'minSize', checked.minSize, 'maxSize', checked.maxSize);
  return checked;
}

function requireOrder(pool: string, low: string, least: number, high: string, most: number): void {
  if (least <= most) return;
  fail(CODE, `${low} ${least} of pool "${pool}" is greater than ${high} ${most}; exchange or equal them.`);
}

function optionalFunction<T>(what: string, value: T): T {
  return value === undefined ? value : requireFunction(CODE, what, value);
}

/** Copied and frozen, because `rules()` hands it out; the engine checks the rest when it adds such an agent. */
function copiedShape(given: AgentShape, what: string): AgentShape {
  const { resources } = requireObject<AgentShape>(CODE, what, given);
  for (const [name, amount] of Object.entries(
    requireObject<object>(CODE, `resources of ${what}`, resources),
  )) {
    if (typeof amount !== 'object') requireAmount(CODE, `${name} of ${what}`, amount);
  }
  return frozenCopy(given, what) as AgentShape;
}

/** A deep copy of plain data. */
function frozenCopy(value: unknown, what: string, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return fail(CODE, `${what} is nested too deeply; give an agent's shape.`);
  if (Array.isArray(value)) return Object.freeze(value.map((one) => frozenCopy(one, what, depth + 1)));
  const entries = Object.entries(value).map(([key, one]) => [key, frozenCopy(one, what, depth + 1)] as const);
  return Object.freeze(Object.fromEntries(entries));
}
