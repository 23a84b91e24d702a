/**
 * The agents as the auto-scaler sees them, with the times since when they are idle.
 */
import type { PoolAgent } from '@stowage/autoscale';
import type { AgentStatus } from '@stowage/core';

export class IdleAgents {
  readonly #idleSinceMs = new Map<string, number>();

  /** Looks at the agents; one that is idle for the first time is idle from now on. O(agents). */
  observe(agents: readonly AgentStatus[], nowMs: number): PoolAgent[] {
    const seen = new Set<string>();
    const poolAgents = agents.map(({ id, attributes, taskCount, closed }): PoolAgent => {
      const idle = taskCount === 0;
      seen.add(id);
      if (!idle) this.#idleSinceMs.delete(id);
      else if (!this.#idleSinceMs.has(id)) this.#idleSinceMs.set(id, nowMs);
      return {
        id,
        attributes,
        idle,
        ...(idle ? { idleSinceMs: this.#idleSinceMs.get(id)! } : {}),
        disabled: closed !== undefined && closed.code !== 'inactive',
        active: closed?.code !== 'inactive',
      };
    });
    for (const id of this.#idleSinceMs.keys()) if (!seen.has(id)) this.#idleSinceMs.delete(id);
    return poolAgents;
  }
}
