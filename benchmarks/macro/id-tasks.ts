/**
 * The tasks of a churn by ids and specs, for the interfaces that speak of tasks so. The specs of a class share their
 * resources, as those of a job do; every task has an id and an object of its own.
 */
import type { TaskRequirements } from '@stowage/core';
import type { ChurnStart } from '../workloads/churn.ts';
import { requirementsOf } from '../workloads/task-shapes.ts';
import { VICTIMS } from '../workloads/victims.ts';

export interface IdChurn {
  /** Releases as many tasks as it places; operations are rounded up to whole calls. */
  run(operations: number): void;
}

/** What a churn does by some interface. */
interface IdInterface<T> {
  release(id: string): void;
  /** @returns ids of the tasks that were placed */
  place(tasks: readonly T[]): readonly string[];
}

type Requirements = Pick<TaskRequirements, 'resources' | 'job'>;

export class IdTasks<T extends { readonly id: string }> {
  readonly #start: ChurnStart;
  readonly #requirements: readonly Requirements[];
  readonly #make: (id: string, group: string, requirements: Requirements) => T;
  readonly #groups: readonly string[];
  /** Ids of the tasks that run. */
  readonly #live: string[] = [];
  #made = 0;
  #next = 0;

  /** @param groups - number of capacity groups that the classes are divided among */
  constructor(
    start: ChurnStart,
    make: (id: string, group: string, requirements: Requirements) => T,
    groups = 1,
  ) {
    this.#start = start;
    this.#make = make;
    this.#groups = Array.from({ length: groups }, (_, group) => `group-${group}`);
    this.#requirements = start.shapes.map((shape, i) => requirementsOf(shape, i, start.workload));
  }

  adoptBy(adopt: (task: T, agentId: string) => unknown): void {
    const { classes, rows } = this.#start.state;
    rows.forEach((row, i) => {
      const task = this.#task(classes[i]);
      adopt(task, `agent-${row}`);
      this.#live.push(task.id);
    });
  }

  churn(batch: number, by: IdInterface<T>): IdChurn {
    return {
      run: (operations) => {
        for (let done = 0; done < operations; done += batch) this.#exchange(batch, by);
      },
    };
  }

  /** The leaving tasks are different ones: each is taken out of the list before the next is drawn. */
  #exchange(batch: number, by: IdInterface<T>): void {
    const { victims } = this.#start;
    const arriving: T[] = [];
    for (let i = 0; i < batch; i++) {
      const victim = victims[this.#next & (VICTIMS - 1)] % this.#live.length;
      by.release(this.#live[victim]);
      const last = this.#live.pop()!;
      if (victim < this.#live.length) this.#live[victim] = last;
      arriving.push(this.#task(this.#next++ % this.#requirements.length));
    }
    this.#live.push(...by.place(arriving));
  }

  #task(classNumber: number): T {
    const group = this.#groups[classNumber % this.#groups.length];
    return this.#make(`task-${this.#made++}`, group, this.#requirements[classNumber]);
  }
}
