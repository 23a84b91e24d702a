/**
 * When enough tasks of some jobs had come to a state: what a scenario wants to know of a burst or a recovery.
 */
import type { TaskRecord } from '@stowage/jobs';
import type { TaskState } from '@stowage/protocol';
import type { MilestoneReading } from './cell-run.ts';
import { glob } from './glob.ts';
import type { Milestone } from './scenario.ts';

interface Watched extends Milestone {
  readonly fits: (jobId: string) => boolean;
  reached: number;
  atMs: number | undefined;
}

export class Milestones {
  readonly #watched: readonly Watched[];

  constructor(milestones: readonly Milestone[]) {
    this.#watched = milestones.map((milestone) => ({
      ...milestone,
      fits: glob(milestone.jobs),
      reached: 0,
      atMs: undefined,
    }));
  }

  /** @param atMs - since the beginning of the scenario @returns names of milestones that are reached now */
  note(task: TaskRecord, state: TaskState, atMs: number): string[] {
    const reached: string[] = [];
    for (const one of this.#watched) {
      if (one.state !== state || one.atMs !== undefined || atMs < one.fromMs || !one.fits(task.jobId))
        continue;
      if (++one.reached < one.count) continue;
      one.atMs = atMs;
      reached.push(one.name);
    }
    return reached;
  }

  read(): MilestoneReading[] {
    return this.#watched.map(({ name, count, fromMs, reached, atMs }) => ({
      name,
      count,
      fromMs,
      reached,
      atMs,
    }));
  }
}
