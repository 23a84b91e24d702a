/**
 * Random days of a small cell, for properties: jobs come and go, the scheduler places, agents report, also wrongly and
 * late, operators evict and move, the clock goes forward and sometimes back.
 */
import fc from 'fast-check';
import type { JobEvent } from '../../src/machine/job-event.ts';
import type { JobManagerOptions } from '../../src/manager/job-manager.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { batchSpec, Driver, FREE_BUDGET, serviceSpec } from './support.ts';

const ACTIONS = [
  'submit',
  'place',
  'place',
  'place-all',
  'start-initiated',
  'started',
  'started',
  'start-all',
  'normal',
  'failed',
  'lost',
  'killed',
  'kill-task',
  'shrink',
  'kill-job',
  'resize',
  'evict',
  'move',
  'wake',
  'age-out',
] as const;

const WAITS_MS = [0, 0, 1, 500, 1500, 40_000, 310_000, -2000];

export interface Action {
  readonly kind: (typeof ACTIONS)[number];
  /** Picks the job, the task, the agent, the size. */
  readonly pick: number;
  readonly waitMs: number;
}

export function actions(maxLength: number): fc.Arbitrary<Action[]> {
  const action = fc.record({
    kind: fc.constantFrom(...ACTIONS),
    pick: fc.nat(1000),
    waitMs: fc.constantFrom(...WAITS_MS),
  });
  return fc.array(action, { minLength: 1, maxLength, size: 'max' });
}

/** Short times, so that much happens. */
export const OPTIONS: JobManagerOptions = {
  policy: { retryResetMs: 60_000, maxNotStarted: 3, killTimeoutMs: 30_000 },
  stuckKills: { capacity: 1, refillPerSecond: 1 },
  systemEvictions: { burst: 3, refill: 1, refillIntervalMs: 60_000 },
  archive: { maxTasks: 40, maxTasksPerJob: 10, maxJobs: 3 },
};

export class RandomCell extends Driver {
  #submitted = 0;

  constructor(options: JobManagerOptions = {}) {
    super({ ...OPTIONS, ...options });
  }

  do({ kind, pick, waitMs }: Action): void {
    const sentMs = this.nowMs + waitMs;
    if (kind === 'wake') return this.wakeUntil(Math.max(this.nowMs, sentMs));
    this.nowMs = sentMs;
    const jobIds = [...this.manager.jobs()].map(({ job }) => job.id);
    if (kind === 'submit' || jobIds.length === 0) return this.#submit(pick);
    if (kind === 'age-out') return void this.manager.ageOut(this.nowMs);
    const jobId = jobIds[pick % jobIds.length];
    const tasks = this.tasks(jobId);
    const task = tasks[pick % Math.max(1, tasks.length)] as TaskRecord | undefined;
    if (kind === 'kill-job' || kind === 'resize' || task === undefined) {
      const event: JobEvent =
        kind === 'kill-job' ? { kind } : { kind: 'update-capacity', capacity: { desired: pick % 8 } };
      this.took(this.manager.handle(jobId, event, this.nowMs));
      return;
    }
    this.#withTask(kind, task, jobIds[(pick >> 3) % jobIds.length], pick);
  }

  #submit(pick: number): void {
    const jobId = `job${this.#submitted++}`;
    if (pick % 3 === 0) this.submit(jobId, batchSpec({ size: 1 + (pick % 5) }));
    else {
      const capacity = { min: 0, desired: pick % 5, max: 8 };
      this.submit(jobId, serviceSpec({ capacity, disruptionBudget: FREE_BUDGET }));
    }
  }

  #withTask(kind: Action['kind'], task: TaskRecord, otherJobId: string, pick: number): void {
    const { manager, nowMs } = this;
    switch (kind) {
      case 'place':
        this.place(task.id, `host-${pick % 3}`);
        break;
      case 'place-all':
        for (const { id } of this.tasks()) this.place(id, `host-${pick % 3}`);
        break;
      case 'start-all':
        this.startAll();
        break;
      case 'start-initiated':
      case 'started':
        this.status(task.id, kind);
        break;
      case 'normal':
      case 'failed':
      case 'lost':
      case 'killed':
        this.finish(task.id, kind);
        break;
      case 'kill-task':
      case 'shrink':
        this.took(manager.handleTask(task.id, { kind: 'kill-task', shrink: kind === 'shrink' }, nowMs));
        break;
      case 'evict':
        this.took(manager.evict(task.id, { nowMs }));
        break;
      case 'move':
        this.took(manager.move(task.id, otherJobId, nowMs));
        break;
      default:
        throw new Error(`${kind} is no action on a task`);
    }
  }
}
