/**
 * Carries out random operations on one engine and says which row each has touched and what of it.
 */
import {
  type AgentShape,
  PlacementEngine,
  type ResourceDefinition,
  StowageError,
  type StructureChoice,
  type TaskRequirements,
} from '@stowage/core';
import type { ClusterOperation } from '../arbitraries/operation-arbitrary.ts';

/** What an operation has changed. */
export interface Change {
  /** -1 = the time, which belongs to no row. */
  readonly row: number;
  /** Whether attributes or taints of the row may have changed. */
  readonly ofAttributes: boolean;
  /** Whether counts of tasks per attribute value may have changed. */
  readonly ofGroups: boolean;
  /** Whether all that has happened is that a task was placed. */
  readonly isPlacement: boolean;
  readonly description: string;
}

export class ClusterActor {
  readonly engine: PlacementEngine;
  readonly classIds: readonly number[];
  readonly #agents: { readonly row: number; shape: AgentShape }[] = [];
  readonly #tasks: { readonly handle: number; readonly taskClass: number }[] = [];

  /**
   * @param classes - with the plug-in that is tried
   * @param structure - that answers them
   */
  constructor(
    resources: readonly ResourceDefinition[],
    classes: readonly TaskRequirements[],
    structure: StructureChoice = 'cheapest',
  ) {
    this.engine = new PlacementEngine({ resources, agentCapacity: 4, structure });
    this.classIds = classes.map((requirements) => this.engine.defineClass(requirements));
  }

  /** Rows of the present agents. */
  get rows(): number[] {
    return this.#agents.map(({ row }) => row).sort((a, b) => a - b);
  }

  /** @returns undefined when nothing has changed */
  apply(operation: ClusterOperation): Change | undefined {
    switch (operation.kind) {
      case 'place':
        return this.#book(operation.taskClass, 'placed', (id) => this.engine.place(id));
      case 'reserve':
        return this.#reserve(operation.taskClass, operation.agent);
      case 'confirm':
        return this.#advance(operation.task, 'confirmed', (handle) => this.engine.confirm(handle));
      case 'start':
        return this.#advance(operation.task, 'started', (handle) => this.engine.start(handle));
      case 'release':
        return this.#release(operation.task);
      case 'add':
        return this.#add(operation.shape);
      case 'update':
        return this.#update(operation.agent, () => operation.shape);
      case 'relabel': {
        const { attributes, taints } = operation;
        return this.#update(operation.agent, (shape) => ({ ...shape, attributes, taints }));
      }
      case 'resize':
        return this.#onAgent(operation.agent, 'resized', (row) =>
          this.engine.resizeAgent(row, operation.resources),
        );
      case 'report':
        return this.#onAgent(operation.agent, 'asked for a report', (row) =>
          this.engine.reportAgent(row, operation.report),
        );
      case 'remove':
        return this.#remove(operation.agent);
      case 'drain':
        return this.#onAgent(operation.agent, operation.draining ? 'drained' : 'resumed', (row) =>
          this.engine.drainAgent(row, operation.draining),
        );
      case 'advance':
        this.engine.advanceTo(this.engine.cluster.nowMs() + operation.byMs);
        return change(-1, `${operation.byMs} ms went by`);
    }
  }

  #book(taskClass: number, how: string, book: (classId: number) => number): Change | undefined {
    const index = taskClass % this.classIds.length;
    const handle = book(this.classIds[index]);
    if (handle < 0) return undefined;
    this.#tasks.push({ handle, taskClass: index });
    const row = this.engine.agentOf(handle);
    return change(row, `a task of class ${index} was ${how} on row ${row}`, {
      ofGroups: true,
      isPlacement: true,
    });
  }

  #reserve(taskClass: number, agent: number | undefined): Change | undefined {
    const row = agent === undefined ? undefined : this.#pick(this.#agents, agent)?.row;
    return this.#book(taskClass, 'reserved', (id) => this.engine.reserve(id, row));
  }

  #advance(task: number, how: string, advance: (handle: number) => void): Change | undefined {
    const chosen = this.#pick(this.#tasks, task);
    if (chosen === undefined || !unlessRefused(() => advance(chosen.handle))) return undefined;
    const row = this.engine.agentOf(chosen.handle);
    return change(row, `a task of class ${chosen.taskClass} on row ${row} was ${how}`);
  }

  #release(task: number): Change | undefined {
    const [released] = this.#tasks.splice(task % Math.max(1, this.#tasks.length), 1);
    if (released === undefined) return undefined;
    const { handle, taskClass } = released;
    const row = this.engine.agentOf(handle);
    this.engine.release(handle);
    return change(row, `a task of class ${taskClass} left row ${row}`, { ofGroups: true });
  }

  #add(shape: AgentShape): Change {
    const row = this.engine.addAgent(shape);
    this.#agents.push({ row, shape });
    return change(row, `an agent was added as row ${row}`, { ofAttributes: true, ofGroups: true });
  }

  #update(agent: number, changed: (shape: AgentShape) => AgentShape): Change | undefined {
    const updated = this.#pick(this.#agents, agent);
    if (updated === undefined) return undefined;
    const shape = changed(updated.shape);
    if (!unlessRefused(() => this.engine.updateAgent(updated.row, shape))) return undefined;
    updated.shape = shape;
    return change(updated.row, `the agent of row ${updated.row} was updated`, {
      ofAttributes: true,
      ofGroups: true,
    });
  }

  #remove(agent: number): Change | undefined {
    const removed = this.#pick(this.#agents, agent);
    if (removed === undefined || !unlessRefused(() => this.engine.removeAgent(removed.row))) return undefined;
    this.#agents.splice(this.#agents.indexOf(removed), 1);
    return change(removed.row, `the agent of row ${removed.row} was removed`, {
      ofAttributes: true,
      ofGroups: true,
    });
  }

  #onAgent(agent: number, how: string, action: (row: number) => void): Change | undefined {
    const chosen = this.#pick(this.#agents, agent);
    if (chosen === undefined || !unlessRefused(() => action(chosen.row))) return undefined;
    return change(chosen.row, `the agent of row ${chosen.row} was ${how}`);
  }

  #pick<T>(from: readonly T[], which: number): T | undefined {
    return from[which % Math.max(1, from.length)];
  }
}

function change(
  row: number,
  description: string,
  {
    ofAttributes = false,
    ofGroups = false,
    isPlacement = false,
  }: Partial<Omit<Change, 'row' | 'description'>> = {},
): Change {
  return { row, description, ofAttributes, ofGroups, isPlacement };
}

/** @returns whether the engine allowed it */
function unlessRefused(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    const isRefusal = error instanceof StowageError && ['AGENT_IN_USE', 'INVALID_STAGE'].includes(error.code);
    if (isRefusal) return false;
    throw error;
  }
}
