/**
 * Carries out random operations on one engine and says which row each has touched and what of it.
 */
import {
  type AgentShape,
  PlacementEngine,
  type ResourceDefinition,
  StowageError,
  type TaskRequirements,
} from '@stowage/core';
import type { ClusterOperation } from '../arbitraries/operation-arbitrary.ts';

/** What an operation has changed. */
export interface Change {
  readonly row: number;
  /** Whether attributes of the row may have changed. */
  readonly ofAttributes: boolean;
  /** Whether counts of labelled tasks per attribute value may have changed. */
  readonly ofGroups: boolean;
  readonly description: string;
}

export class ClusterActor {
  readonly engine: PlacementEngine;
  readonly classIds: readonly number[];
  readonly #isLabelled: readonly boolean[];
  readonly #agents: { readonly row: number; shape: AgentShape }[] = [];
  readonly #tasks: { readonly handle: number; readonly taskClass: number }[] = [];

  /** @param classes - with the plug-in that is tried */
  constructor(resources: readonly ResourceDefinition[], classes: readonly TaskRequirements[]) {
    this.engine = new PlacementEngine({ resources, agentCapacity: 4 });
    this.classIds = classes.map((requirements) => this.engine.defineClass(requirements));
    this.#isLabelled = classes.map(
      ({ job, labels = {} }) => job !== undefined || Object.keys(labels).length > 0,
    );
  }

  /** Rows of the present agents. */
  get rows(): number[] {
    return this.#agents.map(({ row }) => row).sort((a, b) => a - b);
  }

  /** @returns undefined when nothing has changed */
  apply(operation: ClusterOperation): Change | undefined {
    switch (operation.kind) {
      case 'place':
        return this.#place(operation.taskClass % this.classIds.length);
      case 'release':
        return this.#release(operation.task);
      case 'add':
        return this.#add(operation.shape);
      case 'update':
        return this.#update(operation.agent, () => operation.shape);
      case 'relabel':
        return this.#update(operation.agent, (shape) => ({ ...shape, attributes: operation.attributes }));
      case 'remove':
        return this.#remove(operation.agent);
      case 'drain':
        return this.#drain(operation.agent, operation.draining);
    }
  }

  #place(taskClass: number): Change | undefined {
    const handle = this.engine.place(this.classIds[taskClass]);
    if (handle < 0) return undefined;
    this.#tasks.push({ handle, taskClass });
    const row = this.engine.agentOf(handle);
    return change(row, `a task of class ${taskClass} was placed on row ${row}`, {
      ofGroups: this.#isLabelled[taskClass],
    });
  }

  #release(task: number): Change | undefined {
    const [released] = this.#tasks.splice(task % Math.max(1, this.#tasks.length), 1);
    if (released === undefined) return undefined;
    const { handle, taskClass } = released;
    const row = this.engine.agentOf(handle);
    this.engine.release(handle);
    return change(row, `a task of class ${taskClass} left row ${row}`, {
      ofGroups: this.#isLabelled[taskClass],
    });
  }

  #add(shape: AgentShape): Change {
    const row = this.engine.addAgent(shape);
    this.#agents.push({ row, shape });
    return change(row, `an agent was added as row ${row}`, { ofAttributes: true, ofGroups: true });
  }

  #update(agent: number, changed: (shape: AgentShape) => AgentShape): Change | undefined {
    const updated = this.#agents[agent % Math.max(1, this.#agents.length)];
    if (updated === undefined) return undefined;
    const shape = changed(updated.shape);
    if (!unlessInUse(() => this.engine.updateAgent(updated.row, shape))) return undefined;
    updated.shape = shape;
    return change(updated.row, `the agent of row ${updated.row} was updated`, {
      ofAttributes: true,
      ofGroups: true,
    });
  }

  #remove(agent: number): Change | undefined {
    const at = agent % Math.max(1, this.#agents.length);
    const removed = this.#agents[at];
    if (removed === undefined || !unlessInUse(() => this.engine.removeAgent(removed.row))) return undefined;
    this.#agents.splice(at, 1);
    return change(removed.row, `the agent of row ${removed.row} was removed`, {
      ofAttributes: true,
      ofGroups: true,
    });
  }

  #drain(agent: number, draining: boolean): Change | undefined {
    const drained = this.#agents[agent % Math.max(1, this.#agents.length)];
    if (drained === undefined) return undefined;
    this.engine.drainAgent(drained.row, draining);
    return change(drained.row, `row ${drained.row} was ${draining ? 'drained' : 'resumed'}`, {});
  }
}

function change(
  row: number,
  description: string,
  { ofAttributes = false, ofGroups = false }: Partial<Pick<Change, 'ofAttributes' | 'ofGroups'>>,
): Change {
  return { row, description, ofAttributes, ofGroups };
}

/** @returns whether the engine allowed it */
function unlessInUse(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof StowageError && error.code === 'AGENT_IN_USE') return false;
    throw error;
  }
}
