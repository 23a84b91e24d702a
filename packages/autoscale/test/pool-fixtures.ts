/** Rules, agents, failed tasks and scalers in few words, all of one pool `p`. */
import {
  AutoScaler,
  type AutoScalerOptions,
  type FailedTask,
  type PoolAgent,
  type PoolRule,
  type ScaleDecision,
} from '../src/index.ts';

export function rule(more: Partial<PoolRule> = {}): PoolRule {
  return { pool: 'p', minIdle: 0, maxIdle: 0, coolDownMs: 0, ...more };
}

export function agents(count: number, more: Partial<PoolAgent> = {}, prefix = 'agent'): PoolAgent[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}-${i}`, pool: 'p', idle: true, ...more }));
}

export function failed(count: number, more: Partial<FailedTask> = {}, prefix = 'task'): FailedTask[] {
  return Array.from({ length: count }, (_, i) => ({
    task: { id: `${prefix}-${i}`, resources: {} },
    kind: 'all-agents-full',
    waitingSinceMs: 0,
    ...more,
  }));
}

/** A scaler whose first cool-down is over at 1. */
export function scalerOf(rules: PoolRule[], options: AutoScalerOptions = {}): AutoScaler {
  const scaler = new AutoScaler({ initialDelayMs: 0, ...options, rules });
  scaler.evaluate({ agents: [], starting: { p: 1000 } }, 0);
  return scaler;
}

export function inShort(decisions: readonly ScaleDecision[]): string[] {
  return decisions.map((decision) =>
    decision.kind === 'scale-up' ? `+${decision.count}` : `-${decision.agents.join(' -')}`,
  );
}
