/**
 * `Scheduler` and oracle side by side, through the object API: ids, pins, gangs, reservations, transactions, snapshots.
 */
import {
  type PlacementFailure,
  Scheduler,
  type ScheduleOptions,
  type ScheduleResult,
  StowageError,
  type TaskSpec,
} from '@stowage/core';
import {
  enginePolicies,
  engineRequirements,
  type ReferencePlacement,
  referencePolicies,
  ReferenceScheduler,
  referenceRequirements,
  sameBytes,
  type Scenario,
} from '@stowage/testing';
import { expect } from 'vitest';
import type { SimpleStep, Step } from './scheduler-step.ts';

/** A task of a call: for the scheduler, and for the oracle. */
interface Asked {
  readonly task: TaskSpec;
  readonly requirements: ReturnType<typeof referenceRequirements>;
  /** Row of the agent it is pinned to; -1 = one that is not there. */
  readonly row: number | undefined;
}

type Outcome = ReferencePlacement | 'refused' | 'unknown agent';

const NOBODY = 'nobody';

export class SchedulerRun {
  readonly counts: Record<string, number> = {};
  readonly #scenario: Scenario;
  readonly #oracle: ReferenceScheduler;
  #agentIds: string[] = [];
  /** Placed tasks in the order of placing. */
  #tasks: { readonly id: string; readonly reference: number }[] = [];
  #scheduler: Scheduler;
  #nextId = 0;

  constructor(scenario: Scenario) {
    const { resources, agentCapacity, agents } = scenario;
    this.#scenario = scenario;
    this.#scheduler = new Scheduler({ resources, agentCapacity, ...enginePolicies(scenario) });
    this.#oracle = new ReferenceScheduler({ resources, ...referencePolicies(scenario) });
    for (const shape of agents) this.apply({ kind: 'add', shape });
  }

  apply(step: Step): void {
    switch (step.kind) {
      case 'transaction':
        this.#transaction(step.steps, step.end);
        break;
      case 'restore':
        this.#restore();
        break;
      case 'advance': {
        const nowMs = this.#oracle.cluster.nowMs + step.byMs;
        this.#scheduler.advanceTo(nowMs);
        this.#oracle.advanceTo(nowMs);
        break;
      }
      default:
        this.#simple(step);
    }
    this.#compareState();
  }

  #simple(step: SimpleStep): void {
    switch (step.kind) {
      case 'schedule':
        return this.#schedule(step.asked, step);
      case 'adopt':
        return this.#onAgent(step.agent, (row) => this.#adopt(step.taskClass, row));
      case 'release':
        return this.#onTask(step.task, step.kind, (task, reference) => {
          this.#scheduler.release(task);
          this.#oracle.release(reference);
          this.#tasks = this.#tasks.filter(({ id }) => id !== task);
        });
      case 'confirm':
      case 'start':
        return this.#onTask(step.task, step.kind, (task, reference) =>
          this.#both(
            step.kind,
            () => this.#scheduler[step.kind](task),
            () => this.#oracle[step.kind](reference),
          ),
        );
      case 'drain':
        return this.#onAgent(step.agent, (row, id) => {
          this.#scheduler.drainAgent(id, step.draining);
          this.#oracle.drainAgent(row, step.draining);
        });
      case 'remove':
        return this.#onAgent(step.agent, (row, id) =>
          this.#both(
            'remove',
            () => this.#scheduler.removeAgent(id),
            () => this.#oracle.removeAgent(row),
          ),
        );
      case 'add': {
        const id = `agent-${this.#nextId++}`;
        this.#scheduler.addAgent({ id, ...step.shape });
        this.#agentIds[this.#oracle.addAgent(step.shape)] = id;
        return;
      }
      case 'update':
        return this.#onAgent(step.agent, (row, id) =>
          this.#both(
            'update',
            () => this.#scheduler.updateAgent({ id, ...step.shape }),
            () => this.#oracle.updateAgent(row, step.shape),
          ),
        );
      case 'resize': {
        const sizes = Object.entries(step.shape.resources).filter(([, size]) => typeof size === 'number');
        const resources = Object.fromEntries(sizes) as Record<string, number>;
        return this.#onAgent(step.agent, (row, id) =>
          this.#both(
            'resize',
            () => this.#scheduler.resizeAgent(id, resources),
            () => this.#oracle.resizeAgent(row, resources),
          ),
        );
      }
      case 'report':
        return this.#onAgent(step.agent, (row, id) => {
          this.#scheduler.reportAgent(id, step.report);
          this.#oracle.reportAgent(row, step.report);
        });
    }
  }

  #schedule(
    choices: readonly { readonly taskClass: number; readonly pin: number | undefined }[],
    options: ScheduleOptions,
  ): void {
    const { allOrNothing = false, reserve = false } = options;
    const asked = choices.map(({ taskClass, pin }) => this.#ask(taskClass, pin));
    const result = this.#scheduler.schedule(
      asked.map(({ task }) => task),
      { allOrNothing, reserve },
    );
    if (allOrNothing) this.#oracle.begin();
    const outcomes: Outcome[] = [];
    for (const one of asked) {
      outcomes.push(this.#placeInOracle(one, reserve));
      if (allOrNothing && typeof outcomes.at(-1) === 'string') break;
    }
    const hasFailed = outcomes.some((outcome) => typeof outcome === 'string');
    if (allOrNothing && hasFailed) {
      this.#oracle.rollback();
      this.#compareGangFailure(result, asked, outcomes);
      return;
    }
    if (allOrNothing) this.#oracle.commit();
    this.#keep(result, asked, outcomes);
    if (allOrNothing && asked.length > 1) this.#count('gang');
    if (reserve) this.#count('reserve');
  }

  #placeInOracle({ requirements, row }: Asked, reserve: boolean): Outcome {
    if (row === -1) return 'unknown agent';
    const placed = reserve
      ? this.#oracle.reserve(requirements, row)
      : row === undefined
        ? this.#oracle.place(requirements)
        : this.#oracle.placeOn(requirements, row);
    if (placed !== undefined && row !== undefined) this.#count('pinned');
    return placed ?? 'refused';
  }

  #keep(result: ScheduleResult, asked: readonly Asked[], outcomes: readonly Outcome[]): void {
    const placed = asked.flatMap(({ task: { id } }, i) => {
      const outcome = outcomes[i];
      return typeof outcome === 'string' ? [] : [{ id, outcome }];
    });
    expect(result.placements).toEqual(
      placed.map(({ id, outcome: { row, slots } }) => ({ task: id, agent: this.#agentIds[row], slots })),
    );
    const failed = asked.flatMap(({ task: { id } }, i) =>
      typeof outcomes[i] === 'string' ? [[id, codeFor(outcomes[i])]] : [],
    );
    expect(result.failures.map(textOf)).toEqual(failed);
    for (const { id, outcome } of placed) {
      this.#count('placed');
      this.#tasks.push({ id, reference: outcome.id });
    }
  }

  #compareGangFailure(result: ScheduleResult, asked: readonly Asked[], outcomes: readonly Outcome[]): void {
    this.#count('gang refused');
    expect(result.placements).toEqual([]);
    expect(result.failures.map(textOf)).toEqual(
      asked.map(({ task: { id } }, i) => [
        id,
        i === outcomes.length - 1 ? codeFor(outcomes[i]) : 'GANG_NOT_PLACED',
      ]),
    );
  }

  #adopt(taskClass: number, row: number): void {
    const { task, requirements } = this.#ask(taskClass, undefined);
    const agent = this.#agentIds[row];
    this.#both(
      'adopt',
      () => this.#scheduler.adopt(task, agent),
      () => {
        const { id, slots } = this.#oracle.adopt(requirements, row);
        this.#tasks.push({ id: task.id, reference: id });
        return { task: task.id, agent, slots };
      },
    );
  }

  #transaction(steps: readonly Step[], end: 'commit' | 'rollback' | 'what-if'): void {
    const isOutermost = this.#oracle.transactionDepth === 0;
    const before = isOutermost ? this.#scheduler.snapshot() : undefined;
    const [agentIds, tasks] = [[...this.#agentIds], [...this.#tasks]];
    const inside = () => steps.forEach((step) => this.apply(step));
    this.#oracle.begin();
    if (end === 'what-if') {
      this.#scheduler.whatIf(inside);
    } else {
      this.#scheduler.begin();
      inside();
      this.#scheduler[end]();
    }
    this.#oracle[end === 'commit' ? 'commit' : 'rollback']();
    this.#count(end);
    if (end === 'commit') return;
    [this.#agentIds, this.#tasks] = [agentIds, tasks];
    if (before !== undefined) expect(sameBytes(this.#scheduler.snapshot(), before)).toBe(true);
  }

  #restore(): void {
    const snapshot = this.#scheduler.snapshot();
    this.#scheduler = Scheduler.restore(snapshot, enginePolicies(this.#scenario));
    expect(sameBytes(this.#scheduler.snapshot(), snapshot)).toBe(true);
  }

  #onAgent(agent: number, action: (row: number, id: string) => void): void {
    const { agents } = this.#oracle.cluster;
    if (agents.length === 0) return;
    const { row } = agents[agent % agents.length];
    action(row, this.#agentIds[row]);
  }

  #onTask(task: number, what: string, action: (id: string, reference: number) => void): void {
    const stages = new Map(this.#oracle.cluster.placements.map(({ id, stage }) => [id, stage]));
    const reserved = this.#tasks.filter(({ reference }) => stages.get(reference) === 'reserved');
    const candidates = what === 'confirm' && reserved.length > 0 ? reserved : this.#tasks;
    if (candidates.length === 0) return;
    const { id, reference } = candidates[task % candidates.length];
    action(id, reference);
  }

  /** Does the same on both sides; results and error codes must be the same too. */
  #both(what: string, onScheduler: () => unknown, onOracle: () => unknown): void {
    const outcome = outcomeOf(onScheduler);
    expect(outcome).toEqual(outcomeOf(onOracle));
    this.#count(outcome.code ?? what);
  }

  #compareState(): void {
    const { agents, placements } = this.#oracle.cluster;
    const scheduler = this.#scheduler;
    expect(scheduler.verify()).toEqual([]);
    expect(scheduler.agents()).toEqual(agents.map(({ row }) => this.#agentIds[row]));
    const byId = new Map(placements.map((placement) => [placement.id, placement]));
    const names = new Map(this.#tasks.map(({ id, reference }) => [reference, id]));
    for (const { id, reference } of this.#tasks) {
      const { row, stage } = byId.get(reference)!;
      expect([scheduler.agentOf(id), scheduler.stageOf(id)]).toEqual([this.#agentIds[row], stage]);
    }
    expect(scheduler.engine.taskCount).toBe(this.#tasks.length);
    const evictions = this.#oracle.evictions().map(({ id, row, reason }) => ({
      task: names.get(id),
      agent: this.#agentIds[row],
      reason,
    }));
    expect(scheduler.evictions()).toEqual(evictions);
    if (evictions.length > 0) this.#count('evictions');
  }

  #ask(taskClass: number, pin: number | undefined): Asked {
    const { classes } = this.#scenario;
    const chosen = classes[taskClass % classes.length];
    const row = pin === undefined ? undefined : (this.#oracle.cluster.agents[pin]?.row ?? -1);
    const agent = row === undefined ? undefined : row < 0 ? NOBODY : this.#agentIds[row];
    const id = `task-${this.#nextId++}`;
    const task = { id, ...engineRequirements(chosen), ...(agent !== undefined && { agent }) };
    const requirements = referenceRequirements(chosen);
    const { feasible } = this.#explained({ ...task, agent: agent === NOBODY ? undefined : agent });
    const rows = this.#oracle.feasibleRows(requirements);
    expect(feasible).toBe(row === undefined || row < 0 ? rows.length : Number(rows.includes(row)));
    return { task, requirements, row };
  }

  #explained(task: Parameters<Scheduler['explain']>[0]) {
    return this.#scheduler.explain(task);
  }

  #count(event: string): void {
    this.counts[event] = (this.counts[event] ?? 0) + 1;
  }
}

function codeFor(outcome: Outcome): string | undefined {
  return outcome === 'unknown agent' ? 'UNKNOWN_AGENT' : undefined;
}

function textOf({ task, error }: PlacementFailure): [string, string | undefined] {
  return [task, error?.code];
}

function outcomeOf(action: () => unknown): { readonly value?: unknown; readonly code?: string } {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof StowageError) return { code: error.code };
    throw error;
  }
}
