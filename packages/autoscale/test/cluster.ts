/**
 * A cluster around an auto-scaler: a real scheduler, a clock that ticks once per cycle, and a caller that does what
 * callers do: it reports idle agents and failed tasks, and drains the agents that are to go. The tests of Fenzo's
 * behaviours run in it; one `cycle` is one call of its `scheduleOnce`.
 */
import { type AgentShape, Scheduler, type ScheduleResult, type TaskSpec } from '@stowage/core';
import { AutoScaler, type AutoScalerOptions, type Evaluation, type PoolAgent } from '../src/index.ts';

interface Member {
  readonly id: string;
  readonly pool: string;
  readonly shape: AgentShape;
  readonly active: boolean | undefined;
  disabledUntilMs: number;
}

export interface Cycle extends Evaluation {
  readonly result: ScheduleResult;
}

export class Cluster {
  readonly scheduler: Scheduler = new Scheduler();
  readonly scaler: AutoScaler;
  nowMs = 0;
  /** Pools that a task may grow; undefined: any. */
  poolsOf: (task: TaskSpec) => readonly string[] | undefined = () => undefined;
  readonly #members = new Map<string, Member>();
  readonly #tickMs: number;
  #names = 0;

  constructor(options: AutoScalerOptions | ((scheduler: Scheduler) => AutoScalerOptions), tickMs = 1000) {
    this.scaler = new AutoScaler(typeof options === 'function' ? options(this.scheduler) : options);
    this.#tickMs = tickMs;
  }

  /** Adds agents of a pool. @returns their ids */
  grow(pool: string, count: number, shape: AgentShape, active?: boolean): string[] {
    return Array.from({ length: count }, () => {
      const id = `host-${String(this.#names++).padStart(3, '0')}`;
      this.scheduler.addAgent({ ...shape, id });
      this.#members.set(id, { id, pool, shape, active, disabledUntilMs: 0 });
      return id;
    });
  }

  shapeOf(id: string): AgentShape {
    return this.#members.get(id)!.shape;
  }

  /** Schedules tasks, evaluates, drains what is to go, and lets the clock tick. */
  cycle(tasks: readonly TaskSpec[] = []): Cycle {
    for (const { id, disabledUntilMs } of this.#members.values()) {
      if (disabledUntilMs <= this.nowMs) this.scheduler.drainAgent(id, false);
    }
    const result = this.scheduler.schedule(tasks);
    const failed = new Set(result.failures.map(({ task }) => task));
    const failedTasks = tasks
      .filter(({ id }) => failed.has(id))
      .map((task) => ({
        task,
        kind: 'all-agents-full',
        waitingSinceMs: this.nowMs,
        pools: this.poolsOf(task),
      }));
    const evaluation = this.scaler.evaluate({ agents: this.#view(), failedTasks }, this.nowMs);
    for (const decision of evaluation.decisions) {
      if (decision.kind === 'scale-up') continue;
      for (const id of decision.agents) {
        this.#members.get(id)!.disabledUntilMs = decision.disableUntilMs;
        this.scheduler.drainAgent(id);
      }
    }
    this.nowMs += this.#tickMs;
    return { ...evaluation, result };
  }

  /** Cycles without tasks until something is decided, at most `most` of them. */
  wait(most: number): Cycle {
    let cycle = this.cycle();
    for (let i = 1; i < most && cycle.decisions.length === 0; i++) cycle = this.cycle();
    return cycle;
  }

  #view(): PoolAgent[] {
    return [...this.#members.values()].map(({ id, pool, shape, active, disabledUntilMs }) => ({
      id,
      pool,
      ...shape,
      idle: this.scheduler.tasksOn(id).length === 0,
      disabled: disabledUntilMs > this.nowMs,
      active,
    }));
  }
}

/** Tasks with ids of their own and equal demands. */
export function tasksOf(count: number, requirements: Omit<TaskSpec, 'id'>, prefix = 'task'): TaskSpec[] {
  return Array.from({ length: count }, (_, i) => ({ ...requirements, id: `${prefix}-${i}` }));
}
