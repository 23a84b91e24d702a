/**
 * Removal in two phases, after Titus: an agent that was proposed is disabled by the caller and watched for a while,
 * because a task may have been on its way to it. If it is idle when that is over it may be terminated; if it is not, or
 * nobody looked for too long, it goes back into service. A state machine without effects: its steps are values.
 *
 * proposed → confirmed → gone, with a way back into service (cancelled) from both.
 */
import { type AgentRemoval, type AgentRemovalsSnapshot, readRemovals } from './agent-removals-snapshot.ts';
import {
  requireAmount,
  requireArray,
  requireCount,
  requireFinite,
  requireObject,
  requireText,
} from './checks.ts';
import type { ScaleDown } from './decisions.ts';
import { fail } from './errors.ts';
import { byText } from './order.ts';
import { agentsByPool, type PoolAgent, readAgents } from './pool-agent.ts';

/** @public */
export interface AgentRemovalsOptions {
  /** How long a proposed agent is watched. Default 120,000. */
  readonly graceMs?: number;
  /** How long a proposal, and later a confirmation, is good for; at least `graceMs`. Default 600,000. */
  readonly expiryMs?: number;
  /** As given to the auto-scaler; needed for `minSizes` where agents do not name their pool. */
  readonly poolAttribute?: string;
}

/**
 * What to do with an agent: `terminate` it, or take it back into service (`enable`).
 *
 * - `idle`: idle after the grace period.
 * - `busy`, `protected`: so after the grace period.
 * - `expired`: nobody looked for too long, the pool was at its minimum all the time, or the agent was not terminated.
 * @public
 */
export type RemovalStep =
  | { readonly kind: 'terminate'; readonly agent: string; readonly pool: string; readonly reason: 'idle' }
  | {
      readonly kind: 'enable';
      readonly agent: string;
      readonly pool: string;
      readonly reason: 'busy' | 'protected' | 'expired';
    };

/** @public */
export interface RemovalsInput {
  /** All agents that exist, in any order. */
  readonly agents: readonly PoolAgent[];
  /** Sizes by pool below which nothing is terminated. Default: none. */
  readonly minSizes?: Readonly<Record<string, number>>;
}

const INPUT = 'INVALID_AUTOSCALE_INPUT';
const OPTION = 'INVALID_AUTOSCALE_OPTION';

/** Keeps track of agents between their proposal and their end. @public */
export class AgentRemovals {
  readonly #graceMs: number;
  readonly #expiryMs: number;
  readonly #poolAttribute: string | undefined;
  readonly #removals = new Map<string, AgentRemoval>();

  /** @throws StowageError INVALID_AUTOSCALE_OPTION */
  constructor(options: AgentRemovalsOptions = {}) {
    const {
      graceMs = 120_000,
      expiryMs = 600_000,
      poolAttribute,
    } = requireObject<AgentRemovalsOptions>(OPTION, 'the options', options);
    this.#graceMs = requireAmount(OPTION, 'graceMs', graceMs);
    this.#expiryMs = requireAmount(OPTION, 'expiryMs', expiryMs);
    if (graceMs > expiryMs)
      fail(OPTION, `graceMs ${graceMs} is greater than expiryMs ${expiryMs}; proposals would expire unseen.`);
    if (poolAttribute !== undefined) requireText(OPTION, 'poolAttribute', poolAttribute);
    this.#poolAttribute = poolAttribute;
  }

  /**
   * Starts watching the agents of a decision; those already watched go on as they are.
   * @throws StowageError INVALID_AUTOSCALE_INPUT; then none was added
   */
  propose(decision: Pick<ScaleDown, 'pool' | 'agents'>, nowMs: number): void {
    requireFinite(INPUT, 'nowMs', nowMs);
    const given = requireObject<Pick<ScaleDown, 'pool' | 'agents'>>(INPUT, 'the decision', decision);
    const pool = requireText(INPUT, 'pool of the decision', given.pool);
    const agents = requireArray<string>(INPUT, 'agents of the decision', given.agents);
    for (const agent of agents) requireText(INPUT, 'an agent of the decision', agent);
    for (const agent of agents) {
      if (!this.#removals.has(agent))
        this.#removals.set(agent, { agent, pool, state: 'proposed', sinceMs: nowMs });
    }
  }

  /**
   * What to do now, oldest proposals first, then by agent id. Agents that are gone are forgotten.
   * O(agents · log agents).
   * @throws StowageError INVALID_AUTOSCALE_INPUT; then nothing has changed
   */
  evaluate(input: RemovalsInput, nowMs: number): RemovalStep[] {
    requireFinite(INPUT, 'nowMs', nowMs);
    const { agents: given, minSizes } = requireObject<RemovalsInput>(INPUT, 'the input', input);
    const agents = readAgents(given);
    const floors = readMinSizes(minSizes);
    const byId = new Map(agents.map((agent) => [agent.id, agent]));
    for (const [id, removal] of this.#removals) {
      if (!byId.has(id)) this.#removals.delete(id);
      else if (removal.sinceMs > nowMs) this.#removals.set(id, { ...removal, sinceMs: nowMs });
    }
    const spare = this.#spareAgents(agentsByPool(agents, this.#poolAttribute), floors);
    const steps: RemovalStep[] = [];
    for (const removal of this.watched().sort(byAge)) {
      const step = this.#stepOf(removal, byId.get(removal.agent)!, spare, nowMs);
      if (step !== undefined) steps.push(step);
    }
    return steps;
  }

  /** Agents on their way out, by id. */
  watched(): AgentRemoval[] {
    return [...this.#removals.values()].sort((a, b) => byText(a.agent, b.agent));
  }

  /** All that is remembered, as plain data. */
  snapshot(): AgentRemovalsSnapshot {
    return { version: 1, removals: this.watched() };
  }

  /**
   * Goes on where another one stopped.
   * @param snapshot - what `snapshot` returned, also by way of JSON
   * @throws StowageError INVALID_AUTOSCALE_SNAPSHOT and those of the constructor
   */
  static restore(snapshot: AgentRemovalsSnapshot, options: AgentRemovalsOptions = {}): AgentRemovals {
    const removals = new AgentRemovals(options);
    for (const removal of readRemovals(snapshot)) removals.#removals.set(removal.agent, removal);
    return removals;
  }

  /** The step that is due; notes it. */
  #stepOf(
    { agent: id, pool, state, sinceMs }: AgentRemoval,
    agent: PoolAgent,
    spare: Map<string, number>,
    nowMs: number,
  ): RemovalStep | undefined {
    const enable = (reason: 'busy' | 'protected' | 'expired'): RemovalStep => {
      this.#removals.delete(id);
      return { kind: 'enable', agent: id, pool, reason };
    };
    const ageMs = nowMs - sinceMs;
    if (ageMs > this.#expiryMs) return enable('expired');
    if (state === 'confirmed' || ageMs <= this.#graceMs) return undefined;
    if (agent.protected === true) return enable('protected');
    if (!agent.idle) return enable('busy');
    const left = spare.get(pool) ?? Infinity;
    if (left <= 0) return undefined;
    spare.set(pool, left - 1);
    this.#removals.set(id, { agent: id, pool, state: 'confirmed', sinceMs: nowMs });
    return { kind: 'terminate', agent: id, pool, reason: 'idle' };
  }

  /** Agents by pool that may still be terminated, for pools with a minimum. */
  #spareAgents(
    byPool: ReadonlyMap<string, readonly PoolAgent[]>,
    floors: ReadonlyMap<string, number>,
  ): Map<string, number> {
    const spare = new Map<string, number>();
    for (const [pool, floor] of floors) spare.set(pool, (byPool.get(pool)?.length ?? 0) - floor);
    for (const { pool, state } of this.#removals.values()) {
      const left = spare.get(pool);
      if (state === 'confirmed' && left !== undefined) spare.set(pool, left - 1);
    }
    return spare;
  }
}

function byAge(a: AgentRemoval, b: AgentRemoval): number {
  return a.sinceMs - b.sinceMs || byText(a.agent, b.agent);
}

function readMinSizes(minSizes: unknown = {}): Map<string, number> {
  const entries = Object.entries(requireObject<Record<string, unknown>>(INPUT, 'minSizes', minSizes));
  return new Map(
    entries.map(([pool, size]) => [pool, requireCount(INPUT, `minSizes of pool "${pool}"`, size)]),
  );
}
