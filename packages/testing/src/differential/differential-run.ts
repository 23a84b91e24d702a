/**
 * Engine and oracle side by side: every operation is carried out on both, and afterwards they must agree on what
 * it did and on every task, and the engine must find its own books in order. Slow by design: the whole state is
 * compared after every operation, so a difference is reported at the step that caused it.
 */
import {
  type AgentShape,
  type Plan,
  PlacementColumns,
  PlacementEngine,
  type ResourceDefinition,
  StowageError,
} from '@stowage/core';
import type { Operation } from '../arbitraries/operation-arbitrary.ts';
import type { FitnessPair } from '../arbitraries/policy-pair.ts';
import {
  engineRequirements,
  referenceRequirements,
  type Scenario,
  type ScenarioClass,
} from '../arbitraries/scenario-arbitrary.ts';
import type { ReferencePlacement } from '../oracle/reference-model.ts';
import { ReferenceScheduler } from '../oracle/reference-scheduler.ts';
import { sameBytes } from './same-bytes.ts';

/** What a differential run did, to see that it was worth its time. @public */
export interface DifferentialReport {
  readonly placed: number;
  /** Of these, tasks that took slots. */
  readonly placedOnSlots: number;
  readonly refused: number;
  /** Operations that both sides rejected with the same error code. */
  readonly rejected: number;
  /** Transactions undone. */
  readonly rolledBack: number;
  /** Decisions by the structure that made them. */
  readonly decisions: Readonly<Record<Plan['structure'], number>>;
}

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
  return run.report;
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
  readonly report = {
    placed: 0,
    placedOnSlots: 0,
    refused: 0,
    rejected: 0,
    rolledBack: 0,
    decisions: { scan: 0, 'score-cache': 0 },
  };
  readonly #resources: readonly ResourceDefinition[];
  readonly #classes: readonly ScenarioClass[];
  readonly #classIds = new Map<number, number>();
  readonly #oracle: ReferenceScheduler;
  /** Engine handle per placement of the oracle; handles outlive a rollback that brings their task back. */
  readonly #handles = new Map<number, number>();
  readonly #shapes = new Map<number, AgentShape>();
  #engine: PlacementEngine;
  #fitness: readonly FitnessPair[];
  #snapshotAtBegin = new ArrayBuffer(0);

  constructor({ resources, agentCapacity, fitness, classes }: Scenario) {
    this.#resources = resources;
    this.#classes = classes;
    this.#fitness = fitness;
    this.#engine = new PlacementEngine({ resources, agentCapacity, fitness: this.#plugins() });
    this.#oracle = new ReferenceScheduler({ resources, fitness: fitness.map(({ reference }) => reference) });
  }

  apply(operation: Operation): void {
    this.#carryOut(operation);
    this.#compareState();
  }

  /** Undoes what is still open and compares once more. */
  finish(): void {
    while (this.#oracle.transactionDepth > 0) this.apply({ kind: 'rollback' });
    this.apply({ kind: 'restore' });
  }

  #carryOut(operation: Operation): void {
    switch (operation.kind) {
      case 'place':
        return this.#place(operation.taskClass % this.#classes.length);
      case 'cycle':
        return this.#cycle(operation.taskClasses.map((taskClass) => taskClass % this.#classes.length));
      case 'release':
        return this.#release(operation.task);
      case 'add':
        return this.#add(operation.shape);
      case 'update':
        return this.#update(operation.agent, () => operation.shape);
      case 'relabel':
        return this.#update(operation.agent, (shape) => ({ ...shape, attributes: operation.attributes }));
      case 'remove':
        return this.#onAgent(operation.agent, (row) => {
          this.#both((side) => side.removeAgent(row));
        });
      case 'drain':
        return this.#onAgent(operation.agent, (row) => {
          this.#both((side) => side.drainAgent(row, operation.draining));
        });
      case 'begin':
        return this.#begin();
      case 'commit':
        return this.#commit();
      case 'rollback':
        return this.#rollback();
      case 'use-fitness':
        this.#fitness = operation.levels;
        this.#engine.useFitness(this.#plugins());
        return this.#oracle.useFitness(operation.levels.map(({ reference }) => reference));
      case 'forget':
        return this.#forget(operation.taskClass % this.#classes.length);
      case 'restore':
        return this.#restore();
    }
  }

  #place(index: number): void {
    const requirements = referenceRequirements(this.#classes[index]);
    const id = this.#classId(index);
    const { feasible } = this.#engine.explain(id);
    same('feasible agents', feasible, this.#oracle.feasibleRows(requirements).length);
    const handle = this.#engine.place(id);
    this.report.decisions[this.#engine.explainPlan(id).structure]++;
    this.#compareChoice(handle, this.#oracle.place(requirements));
  }

  #cycle(indices: readonly number[]): void {
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
  }

  #compareChoice(handle: number, placement: ReferencePlacement | undefined): void {
    same('row', handle < 0 ? -1 : this.#engine.agentOf(handle), placement?.row ?? -1);
    if (placement === undefined) {
      this.report.refused++;
    } else {
      this.report.placed++;
      if (placement.task.slotDemands.length > 0) this.report.placedOnSlots++;
      this.#handles.set(placement.id, handle);
    }
  }

  #release(task: number): void {
    const { placements } = this.#oracle.cluster;
    if (placements.length === 0) return;
    const { id } = placements[task % placements.length];
    this.#engine.release(this.#handles.get(id)!);
    this.#oracle.release(id);
  }

  #add(shape: AgentShape): void {
    const row = this.#both((side) => side.addAgent(shape));
    if (row !== undefined) this.#shapes.set(row, shape);
  }

  #update(agent: number, change: (shape: AgentShape) => AgentShape): void {
    this.#onAgent(agent, (row) => {
      const shape = change(this.#shapes.get(row)!);
      const done = this.#both((side) => {
        side.updateAgent(row, shape);
        return true;
      });
      if (done) this.#shapes.set(row, shape);
    });
  }

  #onAgent(agent: number, action: (row: number) => void): void {
    const { agents } = this.#oracle.cluster;
    if (agents.length > 0) action(agents[agent % agents.length].row);
  }

  #begin(): void {
    if (this.#oracle.transactionDepth === 0) this.#snapshotAtBegin = this.#engine.snapshot();
    this.#both((side) => side.begin());
  }

  #commit(): void {
    this.#both((side) => side.commit());
  }

  #rollback(): void {
    if (this.#oracle.transactionDepth > 0) this.report.rolledBack++;
    const wasOutermost = this.#oracle.transactionDepth === 1;
    this.#both((side) => side.rollback());
    if (wasOutermost)
      same('snapshot after rollback', sameBytes(this.#engine.snapshot(), this.#snapshotAtBegin), true);
  }

  /** Drops a class without tasks, so that its id is given to the next one. */
  #forget(index: number): void {
    const id = this.#classIds.get(index);
    if (id === undefined || this.#oracle.transactionDepth > 0 || this.#engine.placedOf(id) > 0) return;
    this.#engine.dropClass(id);
    this.#classIds.delete(index);
  }

  /** Goes on with an engine restored from a snapshot, where all classes have to be defined anew. */
  #restore(): void {
    if (this.#oracle.transactionDepth > 0) return;
    const snapshot = this.#engine.snapshot();
    const { engine } = PlacementEngine.restore(snapshot, { fitness: this.#plugins() });
    same('snapshot of the restored engine', sameBytes(engine.snapshot(), snapshot), true);
    this.#engine = engine;
    this.#classIds.clear();
  }

  /** Does the same on both sides; an error code must be the same too. @returns the result, undefined after an error */
  #both<T>(action: (side: PlacementEngine | ReferenceScheduler) => T): T | undefined {
    const engine = outcomeOf(() => action(this.#engine));
    const oracle = outcomeOf(() => action(this.#oracle));
    same('error', engine.code, oracle.code);
    same('result', engine.value, oracle.value);
    if (engine.code !== undefined) this.report.rejected++;
    return engine.value;
  }

  #compareState(): void {
    same('broken invariants', this.#engine.verify().join('; '), '');
    const { agents, placements } = this.#oracle.cluster;
    same('open transactions', this.#engine.transactionDepth, this.#oracle.transactionDepth);
    same('agents', this.#engine.agentCount, agents.length);
    same('tasks', this.#engine.taskCount, placements.length);
    same('placements ever', this.#engine.cluster.placements(), this.#oracle.cluster.placementCount);
    for (const { row, draining, attributes } of agents) {
      same(`draining of row ${row}`, this.#engine.isDraining(row), draining);
      same(`attributes of row ${row}`, sortedText(this.#engine.attributesOf(row)), sortedText(attributes));
    }
    for (const { id, row, slots } of placements) {
      const handle = this.#handles.get(id)!;
      same(`row of task ${id}`, this.#engine.agentOf(handle), row);
      for (const { name, kind } of this.#resources) {
        if (kind !== 'set') continue;
        const mask = (slots[name] ?? []).reduce((bits, slot) => bits | (1 << slot), 0);
        same(`${name} slots of task ${id} (bit mask)`, this.#engine.slotsOf(handle, name), mask);
      }
    }
  }

  #classId(index: number): number {
    let id = this.#classIds.get(index);
    if (id === undefined) {
      id = this.#engine.defineClass(engineRequirements(this.#classes[index]));
      this.#classIds.set(index, id);
    }
    return id;
  }

  #plugins() {
    return this.#fitness.map(({ plugin }) => plugin);
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

function sortedText(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function same(what: string, engine: unknown, oracle: unknown): void {
  if (engine !== oracle)
    throw new Error(`${what}: the engine has ${String(engine)}, the oracle ${String(oracle)}.`);
}
