/**
 * What the agents of one pool amount to. An agent that is disabled exists, and counts against `maxSize`, but is on its
 * way out or out of order, so it counts neither as idle capacity nor for `minSize`.
 */
import { show } from '@stowage/core';
import { fail, guarded } from './errors.ts';
import type { PoolAgent } from './pool-agent.ts';
import type { CheckedRule } from './pool-rule.ts';

export interface PoolCensus {
  /** All agents. */
  readonly size: number;
  /** Those not disabled. */
  readonly present: number;
  /** Those neither disabled nor of an inactive group: they can take tasks. */
  readonly usable: number;
  /** Usable, idle and not too small. */
  readonly idle: number;
  /** Of the idle ones, those that may be removed, in order of id. */
  readonly removable: readonly PoolAgent[];
  /** Idle agents of inactive groups that may be removed, in order of id. */
  readonly removableInactive: readonly PoolAgent[];
}

/** @throws StowageError AUTOSCALE_CALLBACK_FAILED */
export function takeCensus(rule: CheckedRule, agents: readonly PoolAgent[], nowMs: number): PoolCensus {
  const present = agents.filter(({ disabled = false }) => !disabled);
  const usable = present.filter(isActive);
  const idle = usable.filter((agent) => agent.idle && !isTooSmall(rule, agent));
  const mayGo = ({ idleSinceMs = nowMs, protected: kept = false }: PoolAgent): boolean =>
    !kept && nowMs - idleSinceMs >= rule.idleGraceMs;
  return {
    size: agents.length,
    present: present.length,
    usable: usable.length,
    idle: idle.length,
    removable: idle.filter(mayGo),
    removableInactive: present.filter((agent) => !isActive(agent) && agent.idle).filter(mayGo),
  };
}

function isActive({ active = true }: PoolAgent): boolean {
  return active;
}

function isTooSmall({ pool, isTooSmall: test }: CheckedRule, agent: PoolAgent): boolean {
  if (test === undefined) return false;
  const verdict: unknown = guarded(`isTooSmall of pool "${pool}"`, () => test(agent));
  if (typeof verdict === 'boolean') return verdict;
  return fail(
    'AUTOSCALE_CALLBACK_FAILED',
    `isTooSmall of pool "${pool}" gave ${show(verdict)} for agent "${agent.id}"; return true or false.`,
  );
}
