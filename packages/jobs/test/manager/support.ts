/**
 * A driver for tests: it stores what is to be stored, keeps the wake-ups, and plays scheduler and agents on demand. Time
 * stands still unless a test moves it.
 */
import { serializeJob } from '../../src/model/serialize-job.ts';
import type { FallbackBudget } from '../../src/disruption/self-managed.ts';
import type { JobEffect } from '../../src/machine/job-effect.ts';
import { type Handled, JobManager, type JobManagerOptions } from '../../src/manager/job-manager.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import type { TaskRecord } from '../../src/model/task-record.ts';
import { tasksIn } from '../../src/model/task-slots.ts';

type Json = Record<string, unknown>;

const CONTAINER = {
  image: { name: 'shop/app', tag: 'v1' },
  resources: { cpuMilli: 1000, gpu: 0, memoryMiB: 512, diskMiB: 10_000, networkMbps: 128, shmMiB: 64 },
  environment: {},
  attributes: {},
  securityGroups: ['sg-1'],
  iamRole: 'app',
  hardConstraints: {},
  softConstraints: {},
  graceMs: 10_000,
};

const BASE = {
  owner: { teamEmail: 'shop@example.com' },
  applicationName: 'shop',
  capacityGroup: 'DEFAULT',
  jobGroup: { stack: '', detail: '', sequence: '' },
  attributes: {},
  container: CONTAINER,
};

/** What a user sends. */
export function batchSpec(more: Json = {}): Json {
  return {
    ...BASE,
    kind: 'batch',
    size: 2,
    runtimeLimitMs: 3_600_000,
    retryOnRuntimeLimit: false,
    retryPolicy: { kind: 'immediate', retries: 2 },
    ...more,
  };
}

/** What a user sends. */
export function serviceSpec(more: Json = {}): Json {
  return {
    ...BASE,
    kind: 'service',
    capacity: { min: 0, desired: 2, max: 10 },
    enabled: true,
    processes: { disableIncreaseDesired: false, disableDecreaseDesired: false },
    retryPolicy: { kind: 'immediate', retries: 0 },
    ...more,
  };
}

export function rejectionOf(result: { rejection?: { code: string } }): string | undefined {
  return result.rejection?.code;
}

/** A budget that lets everything go. */
export const FREE_BUDGET: FallbackBudget = {
  policy: { kind: 'availabilityPercentage', percentageOfHealthy: 0 },
  rate: { kind: 'unlimited' },
  timeWindows: [],
  healthProviders: [],
};

/** What a store holds after the `persist` effects, tasks by id. */
export class Store {
  readonly jobs = new Map<string, JobRecord>();
  readonly tasks = new Map<string, TaskRecord>();
  readonly archivedTasks: TaskRecord[] = [];
  readonly archivedJobs: JobRecord[] = [];

  write(effects: readonly JobEffect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'persist') continue;
      if (effect.job !== undefined) this.jobs.set(effect.jobId, effect.job);
      for (const task of effect.archived) {
        this.tasks.delete(task.id);
        this.archivedTasks.push(task);
      }
      for (const task of effect.tasks) this.tasks.set(task.id, task);
      if (effect.jobArchived) {
        this.archivedJobs.push(this.jobs.get(effect.jobId)!);
        this.jobs.delete(effect.jobId);
      }
    }
  }

  /** As another process would read it. */
  read(): { jobs: JobRecord[]; tasks: TaskRecord[] } {
    return JSON.parse(JSON.stringify({ jobs: [...this.jobs.values()], tasks: [...this.tasks.values()] })) as {
      jobs: JobRecord[];
      tasks: TaskRecord[];
    };
  }
}

export class Driver {
  manager: JobManager;
  readonly store: Store;
  /** Due times by task. */
  wakes: { taskId: string; atMs: number }[] = [];
  /** All effects so far, newest last. */
  readonly effects: JobEffect[] = [];
  nowMs: number;

  constructor(options: JobManagerOptions = {}, nowMs = 1_000_000) {
    this.manager = new JobManager(options);
    this.store = new Store();
    this.nowMs = nowMs;
  }

  submit(jobId: string, spec: unknown): void {
    const result = this.manager.submit(spec, { jobId, nowMs: this.nowMs });
    if (!result.ok) throw new Error(JSON.stringify(result));
    this.carryOut(result.effects);
  }

  /** Carries out what was handled. */
  took(handled: Handled): Handled {
    this.carryOut(handled.effects);
    return handled;
  }

  place(taskId: string, agentId = 'host-1'): Handled {
    const placement = { agentId, zone: `zone-of-${agentId}` };
    return this.took(this.manager.handleTask(taskId, { kind: 'placed', placement }, this.nowMs));
  }

  status(taskId: string, state: 'start-initiated' | 'started'): Handled {
    return this.took(this.manager.handleTask(taskId, { kind: 'task-status', state }, this.nowMs));
  }

  finish(taskId: string, reason: 'normal' | 'failed' | 'killed' | 'lost' = 'normal'): Handled {
    const event = { kind: 'task-status', state: 'finished', reason } as const;
    return this.took(this.manager.handleTask(taskId, event, this.nowMs));
  }

  /** Places and starts all accepted tasks. */
  startAll(): void {
    for (const task of this.tasks()) {
      if (task.status.state !== 'accepted') continue;
      this.place(task.id);
      this.status(task.id, 'started');
    }
  }

  /** Moves the clock to the time and sends what is due, in order. */
  wakeUntil(atMs: number): void {
    for (;;) {
      this.wakes.sort((a, b) => a.atMs - b.atMs);
      if (this.wakes.length === 0 || this.wakes[0].atMs > atMs) break;
      const { taskId, atMs: dueMs } = this.wakes.shift()!;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.took(this.manager.wake(taskId, this.nowMs));
    }
    this.nowMs = Math.max(this.nowMs, atMs);
  }

  carryOut(effects: readonly JobEffect[]): void {
    this.store.write(effects);
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.kind === 'wake') this.wakes.push({ taskId: effect.task.taskId, atMs: effect.atMs });
    }
  }

  tasks(jobId?: string): TaskRecord[] {
    const states = jobId === undefined ? [...this.manager.jobs()] : [this.manager.job(jobId)!];
    return states.flatMap(({ slots }) => [...tasksIn(slots)]);
  }

  /** All jobs as text, in order of ids. */
  bytes(): string[] {
    return bytesOf(this.manager);
  }
}

export function bytesOf(manager: JobManager): string[] {
  return [...manager.jobs()].map(serializeJob).sort();
}
