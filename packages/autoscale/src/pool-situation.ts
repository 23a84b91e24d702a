/**
 * All that the decision about one pool depends on, and what growing and shrinking share: reasons, cool-downs, and the
 * list of what was held back.
 */
import type { HeldBack, Reason, ReasonKind, ScaleDecision } from './decisions.ts';
import type { PoolCensus } from './pool-census.ts';
import type { DraftClocks } from './pool-clocks.ts';
import type { CheckedRule } from './pool-rule.ts';
import type { ScaleDownPolicy } from './scale-down-policy.ts';

export interface PoolSituation {
  readonly rule: CheckedRule;
  readonly census: PoolCensus;
  /** Agents asked for that have not come. */
  readonly starting: number;
  /** Agents that failed tasks call for, and how many tasks. */
  readonly shortfall: { readonly agents: number; readonly tasks: number };
  /** Written to by the decision; to be thrown away when it throws. */
  readonly clocks: DraftClocks;
  /** Appended to by the decision. */
  readonly held: HeldBack[];
  readonly nowMs: number;
  /** When the set of active groups was last changed: starts all cool-downs anew. */
  readonly groupsSetAtMs: number;
  readonly policy: ScaleDownPolicy;
  readonly disableMs: number;
  readonly startTimeoutMs: number;
}

export function reason(kind: ReasonKind, agents: number, text: string): Reason {
  return { kind, agents, text };
}

/** The cool-down that is running; undefined when it is over. */
export function coolingDown(
  { rule, groupsSetAtMs, nowMs }: PoolSituation,
  lastMs: number,
): Reason | undefined {
  const untilMs = Math.max(groupsSetAtMs, lastMs) + rule.coolDownMs;
  return nowMs > untilMs ? undefined : reason('cool-down', 0, `cooling down until ${untilMs}`);
}

export function delayed(delayMs: number): Reason {
  return reason('delay', 0, `must be called for during more than ${delayMs} ms`);
}

/** Notes that a step for so many agents was not decided. */
export function holdBack(
  { rule, held }: PoolSituation,
  kind: ScaleDecision['kind'],
  agents: number,
  why: Reason,
): void {
  held.push({ kind, pool: rule.pool, agents, reason: why });
}
