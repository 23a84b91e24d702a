/**
 * One evaluation, from what is remembered and what is seen to decisions and what to remember. Changes nothing it is given,
 * so an evaluation that throws has changed nothing. Pools are decided one by one; only the shortfall looks at all of them.
 */
import { StowageError } from '@stowage/core';
import { requireCount, requireFinite, requireObject } from './checks.ts';
import type { CountedTasks } from './counted-tasks.ts';
import type { Evaluation, HeldBack, PoolError, ScaleDecision } from './decisions.ts';
import { type FailedTask, readFailedTasks } from './failed-task.ts';
import { byText } from './order.ts';
import { agentsByPool, type PoolAgent, readAgents } from './pool-agent.ts';
import { takeCensus } from './pool-census.ts';
import {
  agentsStarting,
  type DraftClocks,
  firstClocks,
  isStarting,
  notAfter,
  type PoolClocks,
} from './pool-clocks.ts';
import type { CheckedRule } from './pool-rule.ts';
import { scaleDown } from './scale-down.ts';
import { scaleUp } from './scale-up.ts';
import type { Settings } from './settings.ts';
import { adjustedShortfall, type PoolRoom, type PoolShortfall, shortfallByPool } from './shortfall.ts';

/** The pools at one moment. @public */
export interface AutoscaleInput {
  /** All agents that exist, in any order. */
  readonly agents: readonly PoolAgent[];
  /** Tasks that found no agent, in any order. Default: none. */
  readonly failedTasks?: readonly FailedTask[];
  /**
   * Agents by pool that were asked for and are not among `agents`. Pools left out: those of earlier decisions, until they
   * come or `startTimeoutMs` is over.
   */
  readonly starting?: Readonly<Record<string, number>>;
  /** When the set of active groups was last changed; all cool-downs start anew then. Default: never. */
  readonly activeGroupsSetAtMs?: number;
}

/** What is remembered from evaluation to evaluation. */
export interface Memory {
  readonly clocks: ReadonlyMap<string, PoolClocks>;
  readonly counted: CountedTasks;
}

export interface Outcome {
  readonly evaluation: Evaluation;
  /** Of the pools that have a rule, or have had one and agents asked for that may still come. */
  readonly clocks: Map<string, PoolClocks>;
}

/** A pool as it is found. */
interface Turn {
  readonly rule: CheckedRule;
  readonly agents: readonly PoolAgent[];
  readonly starting: number;
  readonly clocks: DraftClocks;
}

/** A moment, as all pools see it. */
interface Moment {
  readonly nowMs: number;
  readonly groupsSetAtMs: number;
}

const CODE = 'INVALID_AUTOSCALE_INPUT';

/** @throws StowageError INVALID_AUTOSCALE_INPUT, those of the shortfall evaluator */
export function evaluatePools(
  settings: Settings,
  rules: Iterable<CheckedRule>,
  { clocks: remembered, counted }: Memory,
  given: AutoscaleInput,
  nowMs: number,
): Outcome {
  requireFinite(CODE, 'nowMs', nowMs);
  const input = requireObject<AutoscaleInput>(CODE, 'the input', given);
  const moment = { nowMs, groupsSetAtMs: groupsSetAt(input, nowMs) };
  const byPool = agentsByPool(readAgents(input.agents), settings.poolAttribute);
  const starting = readStarting(input.starting);
  const { classifier } = settings;
  const tasks = readFailedTasks(input.failedTasks ?? []).filter(
    ({ task, kind, waitingSinceMs, sloMs }) =>
      task.agent === undefined &&
      classifier.callsForAgents(kind, nowMs - waitingSinceMs, sloMs) &&
      !counted.has(task.id, nowMs),
  );

  const turns = [...rules].sort(byPriority).map((rule): Turn => {
    const { pool, coolDownMs } = rule;
    const agents = byPool.get(pool) ?? [];
    const clocks = notAfter(
      remembered.get(pool) ?? firstClocks(pool, coolDownMs, settings.initialDelayMs, nowMs),
      nowMs,
      settings.startTimeoutMs,
    );
    const expected = agentsStarting(clocks, agents.length, nowMs);
    return { rule, agents, starting: starting.get(pool) ?? expected, clocks };
  });
  const shortfalls = shortfallByPool(settings.shortfall, tasks, turns.map(roomOf));
  turns.sort((a, b) => byText(a.rule.pool, b.rule.pool));
  const outcome = decideAll(turns, shortfalls, settings, moment);
  for (const one of remembered.values()) {
    if (!outcome.clocks.has(one.pool) && isStarting(one, nowMs)) {
      outcome.clocks.set(one.pool, notAfter(one, nowMs, settings.startTimeoutMs));
    }
  }
  return outcome;
}

function decideAll(
  turns: readonly Turn[],
  shortfalls: ReadonlyMap<string, PoolShortfall>,
  settings: Settings,
  moment: Moment,
): Outcome {
  const decisions: ScaleDecision[] = [];
  const held: HeldBack[] = [];
  const errors: PoolError[] = [];
  const clocks = new Map<string, PoolClocks>();
  const counted = new Set<string>();
  for (const turn of turns) {
    const { pool } = turn.rule;
    const before = { ...turn.clocks };
    try {
      const outcome = decide(turn, shortfalls.get(pool), settings, moment);
      decisions.push(...outcome.decisions);
      held.push(...outcome.held);
      clocks.set(pool, turn.clocks);
      for (const id of outcome.counted) counted.add(id);
    } catch (error) {
      if (!(error instanceof StowageError)) throw error;
      errors.push({ pool, error });
      clocks.set(pool, before);
    }
  }
  return { evaluation: { decisions, held, errors, counted: [...counted].sort(byText) }, clocks };
}

function decide(
  { rule, agents, starting, clocks }: Turn,
  shortfall: PoolShortfall | undefined,
  { policy, disableMs, startTimeoutMs }: Settings,
  { nowMs, groupsSetAtMs }: Moment,
): { decisions: ScaleDecision[]; held: HeldBack[]; counted: readonly string[] } {
  const tasks = shortfall?.tasks ?? [];
  const held: HeldBack[] = [];
  const situation = {
    rule,
    census: takeCensus(rule, agents, nowMs),
    starting,
    shortfall: { agents: adjustedShortfall(rule, shortfall?.agents ?? 0), tasks: tasks.length },
    clocks,
    held,
    nowMs,
    groupsSetAtMs,
    policy,
    disableMs,
    startTimeoutMs,
  };
  const down = scaleDown(situation);
  const up = scaleUp(situation);
  return {
    decisions: [down, up].filter((step) => step !== undefined),
    held,
    counted: up !== undefined && situation.shortfall.agents > 0 ? tasks : [],
  };
}

function roomOf({ rule, agents, starting }: Turn): PoolRoom {
  const { pool, maxSize, template } = rule;
  const room = Math.max(0, maxSize - agents.length - starting);
  return template === undefined ? { pool, room } : { pool, room, template };
}

function byPriority(a: CheckedRule, b: CheckedRule): number {
  return a.priority - b.priority || byText(a.pool, b.pool);
}

function groupsSetAt({ activeGroupsSetAtMs: setAtMs }: AutoscaleInput, nowMs: number): number {
  return setAtMs === undefined
    ? -Infinity
    : Math.min(nowMs, requireFinite(CODE, 'activeGroupsSetAtMs', setAtMs));
}

function readStarting(starting: unknown = {}): Map<string, number> {
  const entries = Object.entries(requireObject<Record<string, unknown>>(CODE, 'starting', starting));
  return new Map(
    entries.map(([pool, count]) => [pool, requireCount(CODE, `starting of pool "${pool}"`, count)]),
  );
}
