/**
 * The model that the auto-scaler is compared with: what should happen, straight from the description, in the plainest
 * terms and with everything remembered. Shares no code with the sources. Knows the naive shortfall, and a scale-down
 * policy that takes the lowest id but keeps agents with the attribute `keep`.
 */
import type { FailedTask, PoolAgent, PoolRule } from '../src/index.ts';

export const POOLS = ['a', 'b', 'c'];
export const RETRY_MS = 20_000;
export const SLO_MS = 5000;
export const INITIAL_DELAY_MS = 3000;
export const DISABLE_MS = 4000;
export const START_TIMEOUT_MS = 9000;

export type FullRule = Required<Omit<PoolRule, 'template' | 'isTooSmall' | 'adjustShortfall'>>;

/** What the model expects of one pool. */
export interface Expected {
  readonly up: number;
  readonly down: readonly string[];
}

interface Past {
  lastUp: number;
  lastDown: number;
  lastInactive: number;
  asked: Record<'up' | 'down' | 'inactive', number>;
  target: { size: number; until: number } | undefined;
}

/** Every time a number of ms; what never happened happened at -Infinity. */
export class PoolModel {
  readonly past = new Map<string, Past>();
  readonly countedAt = new Map<string, number>();

  evaluate(
    rules: readonly FullRule[],
    agents: readonly PoolAgent[],
    tasks: readonly FailedTask[],
    now: number,
    groupsSetAt: number,
    known: Readonly<Record<string, number>>,
  ): Map<string, Expected> {
    for (const [id, at] of this.countedAt) this.countedAt.set(id, Math.min(at, now));
    // A pool without rule is forgotten when none of its agents is on its way any more.
    for (const [pool, past] of this.past) {
      pull(past, now);
      if (rules.every((rule) => rule.pool !== pool) && now >= (past.target?.until ?? -Infinity))
        this.past.delete(pool);
    }
    const calling = tasks.filter(
      ({ task, kind, waitingSinceMs }) =>
        kind !== 'never' &&
        (kind !== 'transient' || now > waitingSinceMs + SLO_MS) &&
        now > (this.countedAt.get(task.id) ?? -Infinity) + RETRY_MS,
    );
    const expected = new Map<string, Expected>();
    const nowCounted: FailedTask[] = [];
    for (const rule of rules) {
      const own = calling.filter(({ pools }) => pools === undefined || pools.includes(rule.pool));
      const members = agents.filter(({ pool }) => pool === rule.pool);
      const outcome = this.#pool(rule, members, own.length, now, groupsSetAt, known[rule.pool]);
      expected.set(rule.pool, outcome);
      if (outcome.up > 0) nowCounted.push(...own);
    }
    for (const { task } of nowCounted) this.countedAt.set(task.id, now);
    for (const [id, at] of this.countedAt) if (now > at + RETRY_MS) this.countedAt.delete(id);
    return expected;
  }

  /** Agents of a pool that are on their way, as far as can be told from the sizes seen. */
  #starting(past: Past, size: number, now: number): number {
    if (past.target === undefined) return 0;
    if (size >= past.target.size || now >= past.target.until) {
      past.target = undefined;
      return 0;
    }
    return past.target.size - size;
  }

  #pool(
    rule: FullRule,
    members: readonly PoolAgent[],
    shortfall: number,
    now: number,
    groupsSetAt: number,
    known: number | undefined,
  ): Expected {
    let past = this.past.get(rule.pool);
    if (past === undefined) {
      const last = now - rule.coolDownMs + Math.min(rule.coolDownMs, INITIAL_DELAY_MS);
      const asked = { up: -Infinity, down: -Infinity, inactive: -Infinity };
      past = { lastUp: last, lastDown: last, lastInactive: -Infinity, asked, target: undefined };
      this.past.set(rule.pool, past);
    }
    const guessed = this.#starting(past, members.length, now);
    const starting = known ?? guessed;
    const quiet = (since: number): boolean => now > Math.max(since, groupsSetAt) + rule.coolDownMs;

    const enabled = members.filter(({ disabled }) => !disabled);
    const usable = enabled.filter(({ active }) => active);
    const idle = usable.filter((agent) => agent.idle && agent.attributes!.small === undefined);
    const removable = (list: readonly PoolAgent[]): string[] =>
      list
        .filter((agent) => !agent.protected && agent.attributes!.keep === undefined)
        .filter(({ idleSinceMs }) => idleSinceMs! + rule.idleGraceMs <= now)
        .map(({ id }) => id)
        .sort();

    // Idle agents of inactive groups, then those above maxIdle.
    const retired = removable(enabled.filter((agent) => !agent.active && agent.idle));
    let inactive = retired.slice(0, Math.max(0, enabled.length - rule.minSize));
    if (!quiet(past.lastInactive)) inactive = [];
    if (inactive.length > 0 && !this.#pass(past, 'inactive', rule.scaleDownDelayMs, now)) inactive = [];
    if (inactive.length > 0) past.lastInactive = now;

    const tooMany = shortfall > 0 ? 0 : Math.max(0, idle.length - rule.maxIdle);
    let excess = removable(idle).slice(0, Math.min(tooMany, Math.max(0, usable.length - rule.minSize)));
    if (!quiet(Math.max(past.lastUp, past.lastDown))) excess = [];
    if (excess.length > 0 && !this.#pass(past, 'down', rule.scaleDownDelayMs, now)) excess = [];
    if (excess.length > 0) past.lastDown = now;

    // Failed tasks at once, thresholds when it is quiet.
    let up = shortfall;
    if (quiet(past.lastUp)) {
      if (shortfall > 0 || idle.length + starting < rule.minIdle)
        up = Math.max(up, rule.maxIdle - idle.length - starting);
      up = Math.max(up, rule.minSize - usable.length - starting);
    }
    up = Math.max(0, Math.min(up, rule.maxSize - members.length - starting));
    if (up > 0 && !this.#pass(past, 'up', rule.scaleUpDelayMs, now)) up = 0;
    if (up > 0) {
      past.lastUp = now;
      past.target = { size: members.length + starting + up, until: now + START_TIMEOUT_MS };
    }
    return { up, down: [...inactive, ...excess] };
  }

  /** The delay: asked for more than d ago passes, asked for more than 2d ago asks again. */
  #pass(past: Past, what: 'up' | 'down' | 'inactive', delay: number, now: number): boolean {
    if (delay === 0) {
      past.asked[what] = -Infinity;
      return true;
    }
    if (now > past.asked[what] + 2 * delay) past.asked[what] = now;
    if (now <= past.asked[what] + delay) return false;
    past.asked[what] = -Infinity;
    return true;
  }
}

/** When the clock went back, nothing lies in the future. */
function pull(past: Past, now: number): void {
  past.lastUp = Math.min(past.lastUp, now);
  past.lastDown = Math.min(past.lastDown, now);
  past.lastInactive = Math.min(past.lastInactive, now);
  for (const what of ['up', 'down', 'inactive'] as const) past.asked[what] = Math.min(past.asked[what], now);
  if (past.target !== undefined) past.target.until = Math.min(past.target.until, now + START_TIMEOUT_MS);
}
