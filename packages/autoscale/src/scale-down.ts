/**
 * Which agents a pool lets go: idle ones of inactive groups, and those above `maxIdle` when no failed task needs them.
 * After Fenzo, but `minSize` holds for both, and a delay runs only while there is an agent to let go. Agents of inactive
 * groups have a cool-down of their own. Never returns an agent that is busy, protected or within its idle grace.
 */
import type { Reason, ScaleDown } from './decisions.ts';
import type { PoolAgent } from './pool-agent.ts';
import { delayIsOver } from './pool-clocks.ts';
import { coolingDown, delayed, holdBack, type PoolSituation, reason } from './pool-situation.ts';
import { rankedBy } from './scale-down-policy.ts';

/** @throws StowageError INVALID_SCALE_DOWN_POLICY, AUTOSCALE_CALLBACK_FAILED */
export function scaleDown(situation: PoolSituation): ScaleDown | undefined {
  const inactive = inactiveLeaving(situation);
  const excess = excessLeaving(situation);
  const agents = [...inactive.agents, ...excess.agents].map(({ id }) => id);
  if (agents.length === 0) return undefined;
  const { rule, nowMs, disableMs } = situation;
  return {
    kind: 'scale-down',
    pool: rule.pool,
    agents,
    disableUntilMs: nowMs + Math.max(disableMs, rule.coolDownMs),
    reasons: [...inactive.reasons, ...excess.reasons],
  };
}

function inactiveLeaving(situation: PoolSituation): Leaving {
  const { rule, census, clocks, nowMs } = situation;
  const candidates = census.removableInactive;
  const leaving = leavingAgents(situation, {
    candidates,
    wanted: candidates.length,
    spare: census.present - rule.minSize,
    lastMs: clocks.lastInactiveDownMs ?? -Infinity,
    asked: 'inactiveDownAskedMs',
    why: reason('inactive', candidates.length, `${candidates.length} agents of inactive groups are idle`),
  });
  if (leaving.agents.length > 0) {
    clocks.lastInactiveDownMs = nowMs;
    clocks.inactiveDownAskedMs = null;
  }
  return leaving;
}

function excessLeaving(situation: PoolSituation): Leaving {
  const { rule, census, shortfall, clocks, nowMs } = situation;
  const wanted = shortfall.agents > 0 ? 0 : census.idle - rule.maxIdle;
  const leaving = leavingAgents(situation, {
    candidates: census.removable,
    wanted,
    spare: census.usable - rule.minSize,
    lastMs: Math.max(clocks.lastUpMs, clocks.lastDownMs),
    asked: 'downAskedMs',
    why: reason('excess-idle', wanted, `${census.idle} agents are idle, at most ${rule.maxIdle} should be`),
  });
  if (leaving.agents.length > 0) {
    clocks.lastDownMs = nowMs;
    clocks.downAskedMs = null;
  }
  return leaving;
}

interface Leaving {
  readonly agents: readonly PoolAgent[];
  readonly reasons: readonly Reason[];
}

interface Step {
  readonly candidates: readonly PoolAgent[];
  /** Agents too many; not more than 0: none. */
  readonly wanted: number;
  /** Agents that may go without the pool becoming too small. */
  readonly spare: number;
  /** When the last step was that the cool-down is counted from. */
  readonly lastMs: number;
  readonly asked: 'downAskedMs' | 'inactiveDownAskedMs';
  readonly why: Reason;
}

const NOBODY: Leaving = { agents: [], reasons: [] };

function leavingAgents(
  situation: PoolSituation,
  { candidates, wanted, spare, lastMs, asked, why }: Step,
): Leaving {
  const { rule, clocks, policy, nowMs } = situation;
  if (wanted <= 0) return NOBODY;
  const hold = (because: Reason): Leaving => {
    holdBack(situation, 'scale-down', wanted, because);
    return NOBODY;
  };
  const cooling = coolingDown(situation, lastMs);
  if (cooling !== undefined) return hold(cooling);
  const limit = Math.max(0, spare);
  const atMinSize = reason('min-size', limit, `at most ${limit} may go: at least ${rule.minSize} must stay`);
  if (limit === 0) return hold(atMinSize);
  const ranked = rankedBy(policy, candidates);
  const agents = ranked.slice(0, Math.min(wanted, limit));
  if (agents.length === 0) return hold(notRemovable(candidates));
  if (!delayIsOver(clocks, asked, rule.scaleDownDelayMs, nowMs)) return hold(delayed(rule.scaleDownDelayMs));
  return { agents, reasons: limit < Math.min(wanted, ranked.length) ? [why, atMinSize] : [why] };
}

function notRemovable(candidates: readonly PoolAgent[]): Reason {
  const text =
    candidates.length === 0
      ? 'all of them are protected or not idle for long enough'
      : 'the scale-down policy keeps all of them';
  return reason('not-removable', 0, text);
}
