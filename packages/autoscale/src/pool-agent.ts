/**
 * The agents as an evaluation sees them: plain values, read once and checked before anything is decided. The order in
 * which they are given never matters: they are kept by pool, in order of id.
 */
import type { AgentShape } from '@stowage/core';
import { requireArray, requireFinite, requireFlag, requireObject, requireText } from './checks.ts';
import { fail } from './errors.ts';
import { byId } from './order.ts';

/** One agent that exists, whatever its state. @public */
export interface PoolAgent extends Partial<Pick<AgentShape, 'resources' | 'attributes'>> {
  readonly id: string;
  /** Default: the value of the auto-scaler's `poolAttribute`. Agents of no pool, or of one without rule, are left alone. */
  readonly pool?: string;
  /** Runs no task and none is on its way to it. */
  readonly idle: boolean;
  /** Since when it is idle, at first since its launch. Missing: unknown, so never past an idle grace above 0. */
  readonly idleSinceMs?: number;
  /** Takes no tasks for now; neither idle capacity nor a candidate for removal. Default false. */
  readonly disabled?: boolean;
  /** False: of a group that is being retired; takes no tasks and goes when idle. Default true. */
  readonly active?: boolean;
  /** Never proposed for removal. Default false. */
  readonly protected?: boolean;
}

const CODE = 'INVALID_AUTOSCALE_INPUT';

/** Checked agents, in order of id. */
export function readAgents(agents: unknown): PoolAgent[] {
  const ids = new Set<string>();
  for (const given of requireArray<PoolAgent>(CODE, 'agents', agents)) {
    checkAgent(given);
    if (ids.has(given.id)) fail(CODE, `agent "${given.id}" is given twice; give every agent once.`);
    ids.add(given.id);
  }
  return [...(agents as PoolAgent[])].sort(byId);
}

/** Agents by pool in the order given; agents without a pool are left out. */
export function agentsByPool(
  agents: readonly PoolAgent[],
  poolAttribute: string | undefined,
): Map<string, PoolAgent[]> {
  const byPool = new Map<string, PoolAgent[]>();
  for (const agent of agents) {
    const pool = poolOf(agent, poolAttribute);
    if (pool === undefined) continue;
    const members = byPool.get(pool);
    if (members === undefined) byPool.set(pool, [agent]);
    else members.push(agent);
  }
  return byPool;
}

/** The pool that an agent names, else the value of its pool attribute. */
function poolOf(agent: PoolAgent, poolAttribute: string | undefined): string | undefined {
  return agent.pool ?? (poolAttribute === undefined ? undefined : attributeOf(agent, poolAttribute));
}

/** Undefined where the agent lacks the attribute. */
export function attributeOf({ attributes }: PoolAgent, key: string): string | undefined {
  return attributes !== undefined && Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function checkAgent(given: PoolAgent): void {
  const agent = requireObject<PoolAgent>(CODE, 'an agent', given);
  const {
    id,
    pool,
    attributes,
    idle,
    idleSinceMs,
    disabled = false,
    active = true,
    protected: kept = false,
  } = agent;
  const what = `agent "${requireText(CODE, 'agent id', id)}"`;
  if (pool !== undefined) requireText(CODE, `pool of ${what}`, pool);
  if (attributes !== undefined) requireObject(CODE, `attributes of ${what}`, attributes);
  requireFlag(CODE, `idle of ${what}`, idle);
  if (idleSinceMs !== undefined) requireFinite(CODE, `idleSinceMs of ${what}`, idleSinceMs);
  requireFlag(CODE, `disabled of ${what}`, disabled);
  requireFlag(CODE, `active of ${what}`, active);
  requireFlag(CODE, `protected of ${what}`, kept);
}
