/**
 * `Scheduler` and oracle side by side, through the object API: ids, gangs, what-if, snapshots.
 */
import { Scheduler, type ScheduleResult, type TaskSpec } from '@stowage/core';
import {
  engineRequirements,
  type ReferencePlacement,
  ReferenceScheduler,
  referenceRequirements,
  sameBytes,
  type Scenario,
} from '@stowage/testing';
import fc from 'fast-check';
import { expect } from 'vitest';

const index = fc.nat({ max: 15 });
const kind = <K extends string>(name: K) => fc.constant(name);

/** What a user of the object API does. */
export const stepArbitrary = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('schedule'),
      classes: fc.array(index, { maxLength: 5, size: 'max' }),
      allOrNothing: fc.boolean(),
      isWhatIf: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('release'), task: index }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('drain'), agent: index, draining: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove'), agent: index }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('add'), like: index }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('restore') }) },
);

type StepOf<A> = A extends fc.Arbitrary<infer S> ? S : never;
export type Step = StepOf<typeof stepArbitrary>;

export class SchedulerRun {
  readonly counts = { placed: 0, gangs: 0, gangsRefused: 0 };
  readonly #scenario: Scenario;
  readonly #oracle: ReferenceScheduler;
  readonly #options: { fitness: Scenario['fitness'][number]['plugin'][] };
  readonly #agentIds: string[] = [];
  /** Placed tasks in the order of placing. */
  readonly #tasks: { readonly id: string; readonly reference: number }[] = [];
  #scheduler: Scheduler;
  #nextId = 0;

  constructor(scenario: Scenario) {
    const { resources, agentCapacity, fitness, agents } = scenario;
    this.#scenario = scenario;
    this.#options = { fitness: fitness.map(({ plugin }) => plugin) };
    this.#scheduler = new Scheduler({ resources, agentCapacity, ...this.#options });
    this.#oracle = new ReferenceScheduler({ resources, fitness: fitness.map(({ reference }) => reference) });
    agents.forEach((_, like) => this.#add(like));
  }

  apply(step: Step): void {
    switch (step.kind) {
      case 'schedule':
        if (step.isWhatIf) this.#whatIf(step.classes, step.allOrNothing);
        else this.#keep(this.#schedule(step.classes, step.allOrNothing));
        break;
      case 'release':
        this.#release(step.task);
        break;
      case 'drain':
        this.#onAgent(step.agent, (row) => {
          this.#scheduler.drainAgent(this.#agentIds[row], step.draining);
          this.#oracle.drainAgent(row, step.draining);
        });
        break;
      case 'remove':
        this.#onAgent(step.agent, (row) => this.#remove(row));
        break;
      case 'add':
        this.#add(step.like);
        break;
      case 'restore':
        this.#restore();
        break;
    }
    this.#compareState();
  }

  #schedule(classes: readonly number[], allOrNothing: boolean): { id: string; reference: number }[] {
    const specs = classes.map((taskClass) => this.#spec(taskClass));
    const result = this.#scheduler.schedule(
      specs.map(({ task }) => task),
      { allOrNothing },
    );
    if (allOrNothing) this.#oracle.begin();
    const outcomes: (ReferencePlacement | undefined)[] = [];
    for (const { requirements } of specs) {
      outcomes.push(this.#oracle.place(requirements));
      if (allOrNothing && outcomes.at(-1) === undefined) break;
    }
    const failed = allOrNothing && outcomes.includes(undefined);
    if (allOrNothing && failed) this.#oracle.rollback();
    else if (allOrNothing) this.#oracle.commit();
    const ids = specs.map(({ task }) => task.id);
    if (failed) return this.#compareGangFailure(result, ids, outcomes.length - 1);
    return this.#compareResult(result, ids, outcomes);
  }

  #compareResult(result: ScheduleResult, ids: string[], outcomes: (ReferencePlacement | undefined)[]) {
    const placed = ids.flatMap((id, i) => {
      const outcome = outcomes[i];
      return outcome === undefined ? [] : [{ id, outcome }];
    });
    expect(result.placements).toEqual(
      placed.map(({ id, outcome }) => ({
        task: id,
        agent: this.#agentIds[outcome.row],
        slots: outcome.slots,
      })),
    );
    expect(result.failures.map(({ task, error }) => [task, error])).toEqual(
      ids.filter((_, i) => outcomes[i] === undefined).map((id) => [id, undefined]),
    );
    this.counts.placed += placed.length;
    return placed.map(({ id, outcome }) => ({ id, reference: outcome.id }));
  }

  #compareGangFailure(result: ScheduleResult, ids: string[], culprit: number): never[] {
    this.counts.gangsRefused++;
    expect(result.placements).toEqual([]);
    expect(result.failures.map(({ task, error }) => [task, error?.code])).toEqual(
      ids.map((id, i) => [id, i === culprit ? undefined : 'GANG_NOT_PLACED']),
    );
    return [];
  }

  #keep(placed: { id: string; reference: number }[]): void {
    if (placed.length > 1) this.counts.gangs++;
    this.#tasks.push(...placed);
  }

  #whatIf(classes: readonly number[], allOrNothing: boolean): void {
    const before = this.#scheduler.snapshot();
    this.#oracle.begin();
    this.#scheduler.whatIf(() => this.#schedule(classes, allOrNothing));
    this.#oracle.rollback();
    expect(sameBytes(this.#scheduler.snapshot(), before)).toBe(true);
  }

  #release(task: number): void {
    if (this.#tasks.length === 0) return;
    const [{ id, reference }] = this.#tasks.splice(task % this.#tasks.length, 1);
    this.#scheduler.release(id);
    this.#oracle.release(reference);
  }

  #add(like: number): void {
    const { agents } = this.#scenario;
    if (agents.length === 0) return;
    const shape = agents[like % agents.length];
    const id = `agent-${this.#nextId++}`;
    this.#scheduler.addAgent({ id, ...shape });
    this.#agentIds[this.#oracle.addAgent(shape)] = id;
  }

  #remove(row: number): void {
    const id = this.#agentIds[row];
    if (this.#scheduler.tasksOn(id).length > 0) {
      expect(() => this.#scheduler.removeAgent(id)).toThrow('AGENT_IN_USE');
      expect(() => this.#oracle.removeAgent(row)).toThrow('AGENT_IN_USE');
      return;
    }
    this.#scheduler.removeAgent(id);
    this.#oracle.removeAgent(row);
  }

  #restore(): void {
    const snapshot = this.#scheduler.snapshot();
    this.#scheduler = Scheduler.restore(snapshot, this.#options);
    expect(sameBytes(this.#scheduler.snapshot(), snapshot)).toBe(true);
  }

  #onAgent(agent: number, action: (row: number) => void): void {
    const { agents } = this.#oracle.cluster;
    if (agents.length > 0) action(agents[agent % agents.length].row);
  }

  #compareState(): void {
    const { agents, placements } = this.#oracle.cluster;
    expect(this.#scheduler.verify()).toEqual([]);
    expect(this.#scheduler.agents()).toEqual(agents.map(({ row }) => this.#agentIds[row]));
    const rows = new Map(placements.map(({ id, row }) => [id, row]));
    for (const { id, reference } of this.#tasks) {
      expect(this.#scheduler.agentOf(id)).toBe(this.#agentIds[rows.get(reference)!]);
    }
    expect(this.#scheduler.engine.taskCount).toBe(this.#tasks.length);
  }

  #spec(taskClass: number): { task: TaskSpec; requirements: ReturnType<typeof referenceRequirements> } {
    const { classes } = this.#scenario;
    const chosen = classes[taskClass % classes.length];
    const id = `task-${this.#nextId++}`;
    return { task: { id, ...engineRequirements(chosen) }, requirements: referenceRequirements(chosen) };
  }
}
