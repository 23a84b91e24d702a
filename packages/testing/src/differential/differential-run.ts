/**
 * Engine and oracle side by side: every operation is carried out on both, and afterwards they must agree on what
 * it did and on every task, and the engine must find its own books in order. Slow by design: the whole state is
 * compared after every operation, so a difference is reported at the step that caused it.
 */
import {
  type AgentShape,
  PlacementColumns,
  PlacementEngine,
  StowageError,
  type StructureChoice,
} from '@stowage/core';
import type { Operation } from '../arbitraries/operation-arbitrary.ts';
import {
  enginePolicies,
  engineRequirements,
  referencePolicies,
  referenceRequirements,
  type Scenario,
  type ScenarioClass,
} from '../arbitraries/scenario-arbitrary.ts';
import type { ReferencePlacement } from '../oracle/reference-model.ts';
import { ReferenceScheduler } from '../oracle/reference-scheduler.ts';
import { compareState, same, slotMask } from './compare-state.ts';
import { type DifferentialReport, ReportCounts } from './differential-report.ts';
import { sameBytes } from './same-bytes.ts';

/**
 * Carries out a scenario on engine and oracle.
 * @throws Error that names the step and the difference
 * @public
 */
export function runDifferential(scenario: Scenario): DifferentialReport {
  const run = new DifferentialRun(scenario);
  scenario.agents.forEach((shape, i) => attempt(`agent ${i}`, () => run.apply({ kind: 'add', shape })));
  scenario.operations.forEach((operation, i) =>
    attempt(`operation ${i} (${operation.kind})`, () => run.apply(operation)),
  );
  attempt('end', () => run.finish());
  return run.counts;
}

function attempt(where: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** One engine and one oracle in lockstep. */
class DifferentialRun {
  readonly counts = new ReportCounts();
  readonly #classes: readonly ScenarioClass[];
  readonly #classIds = new Map<number, number>();
  readonly #oracle: ReferenceScheduler;
  /** Engine handle per placement of the oracle; handles outlive a rollback that brings their task back. */
  readonly #handles = new Map<number, number>();
  readonly #shapes = new Map<number, AgentShape>();
  #engine: PlacementEngine;
  #policies: Pick<Scenario, 'fitness' | 'constraints' | 'softConstraints'>;
  #structure: StructureChoice;
  #snapshotAtBegin = new ArrayBuffer(0);

  constructor({ resources, agentCapacity, structure, classes, ...policies }: Scenario) {
    const { fitness, constraints, softConstraints } = policies;
    this.#classes = classes;
    this.#policies = { fitness, constraints, softConstraints };
    this.#structure = structure;
    this.#engine = new PlacementEngine({
      resources,
      agentCapacity,
      structure,
      ...enginePolicies(this.#policies),
    });
    this.#oracle = new ReferenceScheduler({ resources, ...referencePolicies(this.#policies) });
  }

  apply(operation: Operation): void {
    if (this.#carryOut(operation)) this.counts.succeeded[operation.kind]++;
    compareState(this.#engine, this.#oracle, this.#handles);
    for (const { reason } of this.#oracle.evictions()) this.counts.evictions[reason]++;
  }

  /** Undoes what is still open and compares once more. */
  finish(): void {
    while (this.#oracle.transactionDepth > 0) this.apply({ kind: 'rollback' });
    this.apply({ kind: 'restore' });
  }

  /** @returns whether it had an effect */
  #carryOut(operation: Operation): boolean {
    switch (operation.kind) {
      case 'place':
        return this.#place(operation.taskClass % this.#classes.length);
      case 'place-on':
        return this.#onAgent(operation.agent, (row) => this.#placeOn(operation.taskClass, row));
      case 'reserve':
        return this.#reserve(operation.taskClass, operation.agent);
      case 'adopt':
        return this.#onAgent(operation.agent, (row) => this.#adopt(operation, row));
      case 'cycle':
        return this.#cycle(operation.taskClasses.map((taskClass) => taskClass % this.#classes.length));
      case 'confirm':
        return this.#onTask(operation.task, (side, task) => side.confirm(task), 'reserved');
      case 'start':
        return this.#onTask(operation.task, (side, task) => side.start(task));
      case 'release':
        return this.#onTask(operation.task, (side, task) => side.release(task));
      case 'add':
        return this.#add(operation.shape);
      case 'update':
        return this.#update(operation.agent, () => operation.shape);
      case 'relabel': {
        const { attributes, taints } = operation;
        return this.#update(operation.agent, (shape) => ({ ...shape, attributes, taints }));
      }
      case 'resize':
        return this.#onAgent(operation.agent, (row) =>
          this.#both((side) => side.resizeAgent(row, operation.resources)),
        );
      case 'report':
        return this.#onAgent(operation.agent, (row) =>
          this.#both((side) => side.reportAgent(row, operation.report)),
        );
      case 'remove':
        return this.#onAgent(operation.agent, (row) => this.#both((side) => side.removeAgent(row)));
      case 'drain':
        return this.#onAgent(operation.agent, (row) =>
          this.#both((side) => side.drainAgent(row, operation.draining)),
        );
      case 'advance':
        return this.#both((side) => side.advanceTo(this.#oracle.cluster.nowMs + operation.byMs));
      case 'begin':
        if (this.#oracle.transactionDepth === 0) this.#snapshotAtBegin = this.#engine.snapshot();
        return this.#both((side) => side.begin());
      case 'commit':
        return this.#both((side) => side.commit());
      case 'rollback':
        return this.#rollback();
      case 'use-fitness':
        this.#policies = { ...this.#policies, fitness: operation.levels };
        this.#engine.useFitness(operation.levels.map(({ plugin }) => plugin));
        this.#oracle.useFitness(operation.levels.map(({ reference }) => reference));
        return true;
      case 'use-policies':
        return this.#usePolicies(operation);
      case 'use-structure':
        this.#structure = operation.structure;
        this.#engine.usePolicies({ structure: operation.structure });
        return true;
      case 'forget':
        return this.#forget(operation.taskClass % this.#classes.length);
      case 'restore':
        return this.#restore();
    }
  }

  #place(index: number): boolean {
    const id = this.#explained(index);
    const handle = this.#engine.place(id);
    this.counts.decisions[this.#engine.explainPlan(id).structure]++;
    return this.#compareChoice(handle, this.#oracle.place(referenceRequirements(this.#classes[index])));
  }

  #placeOn(taskClass: number, row: number): boolean {
    const index = taskClass % this.#classes.length;
    const handle = this.#engine.placeOn(this.#explained(index), row);
    return this.#compareChoice(
      handle,
      this.#oracle.placeOn(referenceRequirements(this.#classes[index]), row),
    );
  }

  #reserve(taskClass: number, agent: number | undefined): boolean {
    const index = taskClass % this.#classes.length;
    const requirements = referenceRequirements(this.#classes[index]);
    const reserveOn = (row?: number) =>
      this.#compareChoice(
        this.#engine.reserve(this.#classId(index), row),
        this.#oracle.reserve(requirements, row),
      );
    return agent === undefined ? reserveOn() : this.#onAgent(agent, reserveOn);
  }

  #adopt({ taskClass, slots }: Extract<Operation, { kind: 'adopt' }>, row: number): boolean {
    const index = taskClass % this.#classes.length;
    const known = Object.entries(slots).map(([set, numbers]) => [set, slotMask(numbers)] as const);
    const engine = outcomeOf(() => this.#engine.adopt(this.#classId(index), row, Object.fromEntries(known)));
    const oracle = outcomeOf(() =>
      this.#oracle.adopt(referenceRequirements(this.#classes[index]), row, slots),
    );
    if (!this.#sameCode(engine.code, oracle.code)) return false;
    return this.#compareChoice(engine.value!, oracle.value);
  }

  /** Asks both which agents would take a class. @returns its id */
  #explained(index: number): number {
    const id = this.#classId(index);
    const rows = this.#oracle.cluster.agents.map(({ row }) => row);
    const feasible = rows.filter((row) => this.#engine.explain(id, row).feasible === 1);
    const explanation = this.#engine.explain(id);
    const expected = this.#oracle.feasibleRows(referenceRequirements(this.#classes[index]));
    same('feasible rows', feasible.join(), expected.join());
    same('feasible agents', explanation.feasible, expected.length);
    this.counts.noteRefusals(explanation);
    return id;
  }

  #cycle(indices: readonly number[]): boolean {
    const result = new PlacementColumns(1);
    this.#engine.cycle(
      indices.map((index) => this.#classId(index)),
      indices.length,
      result,
    );
    same('tasks of the cycle', result.count, indices.length);
    same('errors of the cycle', result.errors.size, 0);
    indices.forEach((index, i) => {
      const placement = this.#oracle.place(referenceRequirements(this.#classes[index]));
      same(`row of task ${i} of the cycle`, result.rows[i], placement?.row ?? -1);
      this.#compareChoice(result.handles[i], placement);
    });
    return result.placed > 0;
  }

  #compareChoice(handle: number, placement: ReferencePlacement | undefined): boolean {
    same('row', handle < 0 ? -1 : this.#engine.agentOf(handle), placement?.row ?? -1);
    if (placement === undefined) {
      this.counts.refused++;
      return false;
    }
    this.counts.notePlacement(placement);
    this.#handles.set(placement.id, handle);
    return true;
  }

  #add(shape: AgentShape): boolean {
    const engine = this.#engine.addAgent(shape);
    same('row of the new agent', engine, this.#oracle.addAgent(shape));
    this.#shapes.set(engine, shape);
    return true;
  }

  /** @param change - of the shape that the agent of this row was given last, also if that was rolled back */
  #update(agent: number, change: (shape: AgentShape) => AgentShape): boolean {
    return this.#onAgent(agent, (row) => {
      const shape = change(this.#shapes.get(row)!);
      const isDone = this.#both((side) => side.updateAgent(row, shape));
      if (isDone) this.#shapes.set(row, shape);
      return isDone;
    });
  }

  #onAgent(agent: number, action: (row: number) => boolean): boolean {
    const { agents } = this.#oracle.cluster;
    return agents.length > 0 && action(agents[agent % agents.length].row);
  }

  /** @param stage - of the tasks to choose from, if there are any in it */
  #onTask(
    task: number,
    action: (side: PlacementEngine | ReferenceScheduler, task: number) => void,
    stage?: ReferencePlacement['stage'],
  ): boolean {
    const { placements } = this.#oracle.cluster;
    const preferred = placements.filter((placement) => placement.stage === stage);
    const candidates = preferred.length > 0 ? preferred : placements;
    if (candidates.length === 0) return false;
    const { id } = candidates[task % candidates.length];
    return this.#both((side) => action(side, side === this.#oracle ? id : this.#handles.get(id)!));
  }

  #rollback(): boolean {
    const wasOutermost = this.#oracle.transactionDepth === 1;
    const isDone = this.#both((side) => side.rollback());
    if (wasOutermost)
      same('snapshot after rollback', sameBytes(this.#engine.snapshot(), this.#snapshotAtBegin), true);
    return isDone;
  }

  #usePolicies({ constraints, softConstraints }: Extract<Operation, { kind: 'use-policies' }>): boolean {
    this.#policies = { ...this.#policies, constraints, softConstraints };
    const policies = { constraints, softConstraints, fitness: undefined };
    this.#engine.usePolicies(enginePolicies(policies));
    this.#oracle.usePolicies(referencePolicies(policies));
    return true;
  }

  /** Drops a class without tasks, so that its id is given to the next one. */
  #forget(index: number): boolean {
    const id = this.#classIds.get(index);
    if (id === undefined || this.#oracle.transactionDepth > 0 || this.#engine.placedOf(id) > 0) return false;
    this.#engine.dropClass(id);
    return this.#classIds.delete(index);
  }

  /** Goes on with an engine restored from a snapshot, where all classes have to be defined anew. */
  #restore(): boolean {
    if (this.#oracle.transactionDepth > 0) return false;
    const snapshot = this.#engine.snapshot();
    const { engine } = PlacementEngine.restore(snapshot, {
      ...enginePolicies(this.#policies),
      structure: this.#structure,
    });
    same('snapshot of the restored engine', sameBytes(engine.snapshot(), snapshot), true);
    this.#engine = engine;
    this.#classIds.clear();
    return true;
  }

  /** Does the same on both sides; an error code must be the same too. @returns whether it was done */
  #both(action: (side: PlacementEngine | ReferenceScheduler) => void): boolean {
    const engine = outcomeOf(() => action(this.#engine));
    return this.#sameCode(engine.code, outcomeOf(() => action(this.#oracle)).code);
  }

  /** @returns whether there was no error */
  #sameCode(engine: string | undefined, oracle: string | undefined): boolean {
    same('error', engine, oracle);
    if (engine !== undefined) this.counts.noteRejection(engine);
    return engine === undefined;
  }

  #classId(index: number): number {
    let id = this.#classIds.get(index);
    if (id === undefined) {
      id = this.#engine.defineClass(engineRequirements(this.#classes[index]));
      this.#classIds.set(index, id);
    }
    return id;
  }
}

function outcomeOf<T>(action: () => T): { readonly value?: T; readonly code?: string } {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof StowageError) return { code: error.code };
    throw error;
  }
}
