/**
 * What is noted of a run while it goes on: the trace, the counts of tasks, and the counts of everything else. It belongs
 * to the observer, so restarts of the master leave it as it is.
 */
import type { JobEffect, Rejection } from '@stowage/jobs';
import { Milestones } from './milestones.ts';
import { CELL_EPOCH_MS, type Milestone } from './scenario.ts';
import { TaskTally } from './task-tally.ts';
import type { Persist, StoredChange } from './task-store.ts';
import { Trace } from './trace.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Fields = Parameters<Trace['note']> extends [number, string, ...infer Rest] ? Rest : never;

/** Counts since the beginning. */
export class CellCounts {
  jobsSubmitted = 0;
  jobsFinished = 0;
  evictions = 0;
  crashLoops = 0;
  kills = 0;
  imagePulls = 0;
  interfaceSetUps = 0;
  interfaceRebinds = 0;
  agentsBooted = 0;
  agentsRemoved = 0;
  agentsLost = 0;
  placementFailures = 0;
  schedulingCycles = 0;
  masterRestarts = 0;
}

export class CellRecorder {
  readonly counts: CellCounts = new CellCounts();
  readonly rejections: Record<string, number> = {};
  readonly milestones: Milestones;
  readonly tally: TaskTally;
  readonly trace: Trace;
  readonly #clock: VirtualClock;

  constructor(
    clock: VirtualClock,
    crashLoopFailures: number,
    milestones: readonly Milestone[],
    traceSink: ((line: string) => void) | undefined,
  ) {
    this.#clock = clock;
    this.milestones = new Milestones(milestones);
    this.trace = new Trace(traceSink);
    this.tally = new TaskTally(crashLoopFailures, (task, state) => {
      for (const name of this.milestones.note(task, state, this.atMs)) this.note('milestone', 'name', name);
    });
  }

  /** Now, since the beginning of the scenario. */
  get atMs(): number {
    return this.#clock.nowMs() - CELL_EPOCH_MS;
  }

  /** A line of the trace. */
  note(event: string, ...fields: Fields): void {
    this.trace.note(this.atMs, event, ...fields);
  }

  /** What was written to the store. */
  stored({ jobId, job, jobArchived }: Persist, changes: readonly StoredChange[]): void {
    if (job !== undefined || jobArchived)
      this.note('job', 'job', jobId, 'state', job?.status.state, 'left', jobArchived || undefined);
    if (jobArchived) this.counts.jobsFinished++;
    for (const change of changes) {
      const { before, after } = change;
      this.tally.note(change);
      if (before?.status === after.status) continue;
      const { state, reason } = after.status;
      this.note(
        'task',
        'task',
        after.id,
        'state',
        state,
        'reason',
        reason,
        'agent',
        after.placement?.agentId,
      );
    }
  }

  notified({ notice }: Extract<JobEffect, { kind: 'notify' }>): void {
    const taskId = 'task' in notice ? notice.task.taskId : undefined;
    this.note('notice', 'kind', notice.kind, 'job', notice.jobId, 'task', taskId);
    if (notice.kind === 'crash-loop-begun') this.counts.crashLoops++;
  }

  rejected(what: string, { code }: Rejection): void {
    this.rejections[code] = (this.rejections[code] ?? 0) + 1;
    this.note('rejected', 'what', what, 'code', code);
  }
}
