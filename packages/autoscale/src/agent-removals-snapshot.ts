/**
 * Agents on their way out, as plain data for JSON, read with distrust.
 */
import { show } from '@stowage/core';
import { requireArray, requireFinite, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';

/** An agent on its way out. @public */
export interface AgentRemoval {
  readonly agent: string;
  readonly pool: string;
  readonly state: 'proposed' | 'confirmed';
  /** When it came into this state. */
  readonly sinceMs: number;
}

/** @public */
export interface AgentRemovalsSnapshot {
  readonly version: 1;
  /** By agent id. */
  readonly removals: readonly AgentRemoval[];
}

const CODE = 'INVALID_AUTOSCALE_SNAPSHOT';

/** @throws StowageError INVALID_AUTOSCALE_SNAPSHOT */
export function readRemovals(value: unknown): AgentRemoval[] {
  const { version, removals } = requireObject<AgentRemovalsSnapshot>(CODE, 'the snapshot', value);
  if ((version as unknown) !== 1)
    fail(CODE, `the snapshot is of version ${show(version)}; give one of version 1.`);
  const seen = new Set<string>();
  return requireArray<AgentRemoval>(CODE, 'removals', removals).map((given) => {
    const { agent, pool, state, sinceMs } = requireObject<AgentRemoval>(CODE, 'a removal', given);
    requireText(CODE, 'agent of a removal', agent);
    if (seen.has(agent)) fail(CODE, `agent "${agent}" is listed twice; give what snapshot() returned.`);
    seen.add(agent);
    if (state !== 'proposed' && state !== 'confirmed')
      fail(CODE, `state of agent "${agent}" is ${show(state)}; give what snapshot() returned.`);
    return {
      agent,
      pool: requireText(CODE, `pool of agent "${agent}"`, pool),
      state,
      sinceMs: requireFinite(CODE, `sinceMs of agent "${agent}"`, sinceMs),
    };
  });
}
