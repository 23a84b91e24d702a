/**
 * A world around two auto-scalers and their model: agents come late or never, die, are retired and protected, rules
 * change, clocks go back and state is saved. Each step compares the decisions with the model's and with those of a twin
 * that gets the input the other way round, checks what no decision may break, and carries the decisions out.
 */
import { expect } from 'vitest';
import {
  AutoScaler,
  type AutoscaleInput,
  type AutoScalerOptions,
  type Evaluation,
  type FailedTask,
  type PoolAgent,
  type ScaleDecision,
  weightedScaleDown,
} from '../src/index.ts';
import {
  DISABLE_MS,
  type FullRule,
  INITIAL_DELAY_MS,
  PoolModel,
  RETRY_MS,
  SLO_MS,
  START_TIMEOUT_MS,
} from './pool-model.ts';

/** What happened in all worlds. */
export const seen = {
  steps: 0,
  up: 0,
  'max-size': 0,
  'excess-idle': 0,
  inactive: 0,
  'min-size': 0,
};

const OPTIONS: AutoScalerOptions = {
  retryMs: RETRY_MS,
  initialDelayMs: INITIAL_DELAY_MS,
  disableMs: DISABLE_MS,
  startTimeoutMs: START_TIMEOUT_MS,
  failures: { neverTrigger: ['never'], transient: ['transient'], taskSloMs: SLO_MS },
  scaleDown: weightedScaleDown([
    {
      weight: 3,
      evaluator: {
        name: 'keep',
        evaluate: ({ attributes }) => ({ score: attributes!.keep === undefined ? 1 : 0 }),
      },
    },
  ]),
};

export type Agent = { -readonly [K in keyof PoolAgent]-?: PoolAgent[K] } & { disabledUntil: number };

/** What stands around the auto-scaler; `pending` are agents asked for that have not come. */
export class World {
  now = 1_000_000;
  groupsSetAt = -Infinity;
  readonly agents: Agent[] = [];
  readonly tasks: FailedTask[] = [];
  readonly rules = new Map<string, FullRule>();
  readonly pending = new Map<string, { count: number; since: number }>();
  readonly tellsPending: boolean;
  scaler: AutoScaler;
  readonly twin: AutoScaler;
  readonly model = new PoolModel();
  /** When pools last grew and shrank, for the cool-downs. */
  readonly grown = new Map<string, number>();
  readonly shrunk = new Map<string, number>();
  names = 0;

  constructor(rules: readonly FullRule[], tellsPending: boolean) {
    this.scaler = new AutoScaler(OPTIONS);
    this.twin = new AutoScaler(OPTIONS);
    this.tellsPending = tellsPending;
    for (const rule of rules) this.setRule(rule);
  }

  setRule(rule: FullRule): void {
    const known = this.rules.has(rule.pool);
    for (const scaler of [this.scaler, this.twin]) {
      if (known) scaler.replaceRule(withFunctions(rule));
      else scaler.addRule(withFunctions(rule));
    }
    this.rules.set(rule.pool, rule);
  }

  removeRule(pool: string): void {
    if (!this.rules.delete(pool)) return;
    for (const scaler of [this.scaler, this.twin]) scaler.removeRule(pool);
  }

  addAgent(pool: string, more: Partial<Agent>): void {
    const id = `agent-${(this.names++ * 7919) % 1000}`;
    this.agents.push({
      id,
      pool,
      attributes: {},
      resources: {},
      idle: true,
      idleSinceMs: this.now,
      disabled: false,
      disabledUntil: -Infinity,
      active: true,
      protected: false,
      ...more,
    });
  }

  pendingOf(pool: string): number {
    return this.pending.get(pool)?.count ?? 0;
  }

  restore(): void {
    const snapshot = this.scaler.snapshot();
    const rules = this.scaler.rules();
    this.scaler = AutoScaler.restore(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot, {
      ...OPTIONS,
      rules,
    });
    expect(this.scaler.snapshot()).toEqual(snapshot);
  }

  /** One evaluation, compared and carried out. */
  step(): void {
    seen.steps++;
    for (const agent of this.agents) agent.disabled = agent.disabledUntil > this.now;
    // Whoever does not say what is on its way relies on the time-out.
    for (const [pool, waiting] of this.pending) {
      waiting.since = Math.min(waiting.since, this.now);
      if (!this.tellsPending && this.now >= waiting.since + START_TIMEOUT_MS) this.pending.delete(pool);
    }
    const starting = this.tellsPending
      ? Object.fromEntries([...this.rules.keys()].map((pool) => [pool, this.pendingOf(pool)]))
      : {};
    const input: AutoscaleInput = {
      agents: this.agents,
      failedTasks: this.tasks,
      starting,
      ...(this.groupsSetAt === -Infinity ? {} : { activeGroupsSetAtMs: this.groupsSetAt }),
    };
    const before = JSON.stringify(input);
    const evaluation = this.scaler.evaluate(input, this.now);
    expect(JSON.stringify(input) === before).toBe(true);
    const shuffled = { ...input, agents: [...this.agents].reverse(), failedTasks: [...this.tasks].reverse() };
    same(this.twin.evaluate(shuffled, this.now), evaluation);
    same(this.twin.snapshot(), this.scaler.snapshot());
    this.#compare(evaluation, starting);
    this.#checkInvariants(evaluation);
    this.#carryOut(evaluation);
  }

  #compare({ decisions, errors }: Evaluation, starting: Readonly<Record<string, number>>): void {
    const expected = this.model.evaluate(
      [...this.rules.values()],
      this.agents,
      this.tasks,
      this.now,
      Math.min(this.groupsSetAt, this.now),
      starting,
    );
    same(errors, []);
    const wanted = [...expected].sort(([a], [b]) => (a < b ? -1 : 1));
    same(
      decisions.map((decision) =>
        decision.kind === 'scale-up'
          ? [decision.pool, decision.count]
          : [decision.pool, decision.agents, decision.disableUntilMs],
      ),
      wanted.flatMap(([pool, { up, down }]) => [
        ...(down.length > 0
          ? [[pool, down, this.now + Math.max(DISABLE_MS, this.rules.get(pool)!.coolDownMs)]]
          : []),
        ...(up > 0 ? [[pool, up]] : []),
      ]),
    );
  }

  #checkInvariants({ decisions }: Evaluation): void {
    for (const times of [this.grown, this.shrunk])
      for (const [pool, atMs] of times) times.set(pool, Math.min(atMs, this.now));
    for (const decision of decisions) {
      const rule = this.rules.get(decision.pool)!;
      this.#checkCoolDowns(decision, rule.coolDownMs);
      const members = this.agents.filter(({ pool }) => pool === decision.pool);
      expect(decision.reasons.length).toBeGreaterThan(0);
      for (const { kind, text } of decision.reasons) {
        expect(text).not.toBe('');
        if (kind in seen) seen[kind as keyof typeof seen]++;
      }
      if (decision.kind === 'scale-up') {
        seen.up++;
        expect(members.length + this.pendingOf(decision.pool) + decision.count).toBeLessThanOrEqual(
          rule.maxSize,
        );
        continue;
      }
      const leaving = members.filter(({ id }) => decision.agents.includes(id));
      expect(leaving).toHaveLength(decision.agents.length);
      for (const agent of leaving)
        expect([agent.idle, agent.protected, agent.disabled]).toEqual([true, false, false]);
      const staying = members.filter(({ id, disabled }) => !disabled && !decision.agents.includes(id));
      expect(staying.length).toBeGreaterThanOrEqual(rule.minSize);
    }
  }

  /** Only failed tasks, and idle agents of inactive groups, need not wait for growing. */
  #checkCoolDowns({ kind, pool, reasons }: ScaleDecision, coolDownMs: number): void {
    const waits = (cause: string): boolean => reasons.every((reason) => reason.kind !== cause);
    const since = (times: Map<string, number>): number => this.now - (times.get(pool) ?? -Infinity);
    if (kind === 'scale-up') {
      if (waits('shortfall')) expect(since(this.grown)).toBeGreaterThan(coolDownMs);
      this.grown.set(pool, this.now);
    } else if (!waits('excess-idle')) {
      expect(Math.min(since(this.grown), since(this.shrunk))).toBeGreaterThan(coolDownMs);
      this.shrunk.set(pool, this.now);
    }
  }

  #carryOut({ decisions }: Evaluation): void {
    for (const decision of decisions) {
      if (decision.kind === 'scale-up') {
        const count = this.pendingOf(decision.pool) + decision.count;
        this.pending.set(decision.pool, { count, since: this.now });
        continue;
      }
      for (const agent of this.agents)
        if (decision.agents.includes(agent.id)) agent.disabledUntil = decision.disableUntilMs;
    }
  }
}

/** As `toEqual` for plain data, at a fraction of its cost where they are equal, as they are at every step. */
function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

/** Too small and nothing adjusted: what the model knows by itself. */
function withFunctions(rule: FullRule): FullRule & { isTooSmall: (agent: PoolAgent) => boolean } {
  return { ...rule, isTooSmall: ({ attributes }) => attributes!.small !== undefined };
}
