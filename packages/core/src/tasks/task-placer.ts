/**
 * Placing tasks by id: everything is read and checked before anything is placed; then one task after the other, or
 * all of a gang or none.
 */
import type { ClassRegistry } from './class-registry.ts';
import { fail, StowageError } from '../errors.ts';
import type { Explanation } from '../decisions/explanation.ts';
import type { IdTable } from '../support/id-table.ts';
import type { PlacementEngine } from '../placement-engine.ts';
import {
  requirePlan,
  requirePreemptionOptions,
  stale,
  type TaskPreemptionOptions,
  type TaskPreemptionPlan,
} from '../preemption/preemption-plan.ts';
import { type Placement, PlacementFailure, type ScheduleResult } from '../schedule-result.ts';
import { show } from '../support/show.ts';
import { slotMask, slotNumbers } from '../slots/slot-numbers.ts';
import { record, type TaskRequirements, text } from '../resources/specs.ts';
import type { TaskSpec } from './task-spec.ts';

/** @public */
export interface ScheduleOptions {
  /** Place either all tasks (a gang) or none. Default false. */
  readonly allOrNothing?: boolean;
  /** Hold capacity for the tasks instead of starting them; see `Scheduler.confirm`. Default false. */
  readonly reserve?: boolean;
}

/** A task of a call with its id and class, read once. */
interface Asked {
  readonly id: string;
  readonly task: TaskSpec;
  readonly classId: number;
}

export class TaskPlacer {
  readonly #engine: PlacementEngine;
  readonly #classes: ClassRegistry;
  readonly #agents: IdTable;
  readonly #tasks: IdTable;

  constructor(engine: PlacementEngine, classes: ClassRegistry, agents: IdTable, tasks: IdTable) {
    this.#engine = engine;
    this.#classes = classes;
    this.#agents = agents;
    this.#tasks = tasks;
  }

  /** @param transaction - opens, keeps and takes back what a gang does */
  schedule(
    tasks: readonly TaskSpec[],
    { allOrNothing = false, reserve = false }: ScheduleOptions,
    transaction: { begin(): void; commit(): void; rollback(): void },
  ): ScheduleResult {
    const given: unknown = tasks;
    if (!Array.isArray(given)) fail('INVALID_SPEC', `the tasks are ${show(given)}; give an array.`);
    if (tasks.length === 1 && !allOrNothing) return this.#placeAlone(this.#readNew(tasks[0]), reserve);
    const asked = this.#ask(tasks);
    if (!allOrNothing) return this.#placeEach(asked, reserve);
    transaction.begin();
    try {
      const result = this.#placeAll(asked, reserve);
      if (result.failures.length === 0) transaction.commit();
      else transaction.rollback();
      return result;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }

  /** Why a task is refused, by the agent it is pinned to or by all. */
  explain(task: TaskRequirements & { readonly agent?: string }): Explanation {
    const classId = this.#classes.classFor(task);
    return this.#engine.explain(
      classId,
      task.agent === undefined ? undefined : this.#agents.numberOf(task.agent),
    );
  }

  adopt(task: TaskSpec, agent: string, slots: Readonly<Record<string, readonly number[]>>): Placement {
    const { id, classId } = this.#readNew(task);
    const row = this.#agents.numberOf(agent);
    const given = Object.entries(record<Record<string, readonly number[]>>(slots, 'slots'));
    const masks = given.map(([set, numbers]) => [set, slotMask(numbers, set)] as const);
    const handle = this.#engine.adopt(classId, row, Object.fromEntries(masks));
    return this.#placed(id, handle, agent);
  }

  /** Victims for a task on the agent it is pinned to or on any. */
  planPreemption(
    task: TaskRequirements & { readonly agent?: string },
    options: TaskPreemptionOptions,
  ): TaskPreemptionPlan | undefined {
    const { mayEvict, maxTests } = requirePreemptionOptions(options);
    const plan = this.#engine.planPreemption(this.#classes.classFor(task), {
      row: task.agent === undefined ? undefined : this.#agents.numberOf(task.agent),
      mayEvict: mayEvict && ((handle) => mayEvict(this.#tasks.idOf(handle)!)),
      maxTests,
    });
    if (plan === undefined) return undefined;
    const victims = plan.victims.map(({ handle, priority }) => ({
      task: this.#tasks.idOf(handle)!,
      priority,
    }));
    return { agent: this.#agents.idOf(plan.row)!, victims, exact: plan.exact };
  }

  preempt(given: TaskSpec, plan: TaskPreemptionPlan): Placement {
    const { agent, victims, exact } = requirePlan(plan);
    const { id, task, classId } = this.#readNew(given);
    if (!this.#agents.has(agent)) stale(`agent ${show(agent)} is not there any more`);
    if (task.agent !== undefined && task.agent !== agent) stale(`task "${id}" is pinned to another agent`);
    const byHandle = victims.map(({ task: victim, priority }) => {
      const handle = this.#tasks.find(victim) ?? stale(`task ${show(victim)} is not placed any more`);
      return { handle, priority };
    });
    const handle = this.#engine.preempt(classId, {
      row: this.#agents.numberOf(agent),
      victims: byHandle,
      exact,
    });
    victims.forEach(({ task: victim }, i) => this.#tasks.remove(victim, byHandle[i].handle));
    return this.#placed(id, handle, agent);
  }

  /** Reads a task as `schedule` does. */
  check(task: TaskSpec): void {
    this.#read(task);
  }

  #read(task: TaskSpec): Asked {
    const id = text((task as TaskSpec | null | undefined)?.id, 'task id');
    if (task.agent !== undefined) text(task.agent, `task "${id}" agent`);
    return { id, task, classId: this.#classes.classFor(task) };
  }

  /** Reads a task whose id is not in use. */
  #readNew(task: TaskSpec): Asked {
    const asked = this.#read(task);
    if (this.#tasks.has(asked.id)) refuseDuplicate(asked.id);
    return asked;
  }

  #ask(tasks: readonly TaskSpec[]): Asked[] {
    const ids = new Set<string>();
    return tasks.map((task) => {
      const asked = this.#readNew(task);
      if (ids.has(asked.id)) refuseDuplicate(asked.id);
      ids.add(asked.id);
      return asked;
    });
  }

  /** The only task of a call. */
  #placeAlone(asked: Asked, reserve: boolean): ScheduleResult {
    const outcome = this.#placeOne(asked, reserve);
    return outcome instanceof PlacementFailure
      ? { placements: [], failures: [outcome] }
      : { placements: [outcome], failures: [] };
  }

  #placeEach(asked: readonly Asked[], reserve: boolean): ScheduleResult {
    const placements: Placement[] = [];
    const failures: PlacementFailure[] = [];
    for (const one of asked) {
      const outcome = this.#placeOne(one, reserve);
      if (outcome instanceof PlacementFailure) failures.push(outcome);
      else placements.push(outcome);
    }
    return { placements, failures };
  }

  /** Stops at the first task that fails; its explanation is taken before its fellows leave. */
  #placeAll(asked: readonly Asked[], reserve: boolean): ScheduleResult {
    const placements: Placement[] = [];
    for (const one of asked) {
      const outcome = this.#placeOne(one, reserve);
      if (outcome instanceof PlacementFailure)
        return { placements: [], failures: gangFailures(asked, outcome.explained()) };
      placements.push(outcome);
    }
    return { placements, failures: [] };
  }

  #placeOne({ id, task, classId }: Asked, reserve: boolean): Placement | PlacementFailure {
    let handle: number;
    try {
      handle = this.#book(classId, task.agent, reserve);
    } catch (error) {
      if (error instanceof StowageError) return this.#failure(id, task, error);
      throw error;
    }
    if (handle < 0) return this.#failure(id, task);
    return this.#placed(id, handle, this.#agents.idOf(this.#engine.agentOf(handle))!);
  }

  #failure(id: string, task: TaskSpec, error?: StowageError): PlacementFailure {
    return new PlacementFailure(id, () => this.explain(task), error);
  }

  /** Notes the id of a task that was booked. */
  #placed(id: string, handle: number, agent: string): Placement {
    this.#tasks.add(id, handle);
    return { task: id, agent, slots: this.#slotsOf(handle) };
  }

  #book(classId: number, agent: string | undefined, reserve: boolean): number {
    const row = agent === undefined ? undefined : this.#agents.numberOf(agent);
    if (reserve) return this.#engine.reserve(classId, row);
    return row === undefined ? this.#engine.place(classId) : this.#engine.placeOn(classId, row);
  }

  #slotsOf(handle: number): Record<string, number[]> {
    const { sets } = this.#engine.schema;
    if (sets.length === 0) return {};
    const held: [set: string, slots: number[]][] = [];
    for (const { name } of sets) {
      const mask = this.#engine.slotsOf(handle, name);
      if (mask !== 0) held.push([name, slotNumbers(mask)]);
    }
    return Object.fromEntries(held);
  }
}

function refuseDuplicate(id: string): never {
  return fail(
    'DUPLICATE_TASK',
    `task "${id}" is placed already or given twice; release it first or use another id.`,
  );
}

function gangFailures(asked: readonly Asked[], culprit: PlacementFailure): PlacementFailure[] {
  const message = `task "${culprit.task}" of the same gang was not placed: ${culprit.reason}`;
  return asked.map(({ id }) =>
    id === culprit.task
      ? culprit
      : new PlacementFailure(id, () => culprit.explanation, new StowageError('GANG_NOT_PLACED', message)),
  );
}
