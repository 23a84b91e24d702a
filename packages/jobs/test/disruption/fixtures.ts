/** Jobs as plain data, built slot by slot. */
import type { TaskState } from '@stowage/protocol';
import { assembleJob } from '../../src/model/assemble-job.ts';
import type { EvictionCount, JobStateName } from '../../src/model/job-record.ts';
import type { JobState } from '../../src/model/job-state.ts';
import type { TaskRecord, TaskRef } from '../../src/model/task-record.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import { noteEviction } from '../../src/disruption/rolling-count.ts';
import type { DisruptionBudget, DisruptionPolicy, DisruptionRate, JobSpec } from '../../src/spec/job-spec.ts';
import { TYPICAL_JOB } from '../typical-job.ts';

export const HOUR_MS = 3_600_000;

export function budget(
  policy: DisruptionPolicy,
  rate: DisruptionRate = { kind: 'unlimited' },
  rest: Partial<DisruptionBudget> = {},
): DisruptionBudget {
  return { policy, rate, timeWindows: [], healthProviders: [], ...rest };
}

/** Allows what the rate allows: of n desired tasks n may be unhealthy. */
export const NO_FLOOR = { kind: 'unhealthyTasks', limit: 1_000_000 } as const satisfies DisruptionPolicy;

export interface TaskSketch {
  readonly state: TaskState;
  readonly evictionResubmits?: number;
  readonly agentId?: string;
  /** Finished and to be replaced. */
  readonly isWaiting?: boolean;
}

export interface JobSketch {
  readonly id?: string;
  readonly kind?: 'batch' | 'service';
  /** Default: as many as there are tasks. */
  readonly desired?: number;
  readonly budget: DisruptionBudget;
  readonly tasks: readonly (TaskState | TaskSketch)[];
  readonly evictions?: readonly EvictionCount[];
  readonly status?: JobStateName;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function jobOf(sketch: JobSketch): JobState {
  const { id = 'j', tasks, evictions = [], status: name = 'accepted' } = sketch;
  const status = { state: name, reason: 'created', source: 'user', atMs: 0 } as const;
  return assembleJob(
    {
      id,
      spec: specOf(sketch),
      status,
      history: [],
      nextSerial: tasks.length + 1,
      restoredAtMs: 0,
      evictions,
    },
    tasks.map((task, index) => taskOf(id, index, typeof task === 'string' ? { state: task } : task)),
  );
}

export function started(count: number): TaskState[] {
  return Array.from({ length: count }, () => 'started');
}

export function refOf(state: JobState, index: number): TaskRef {
  return { index, taskId: `${state.job.id}.${index + 1}` };
}

/** The part of `evict-task` that budgets see. */
export function evicted(state: JobState, { index }: TaskRef, nowMs: number): JobState {
  const next = withState(state, index, 'kill-initiated');
  return { ...next, job: { ...next.job, evictions: noteEviction(next.job.evictions, nowMs) } };
}

/** The evicted task is replaced, and the replacement has started. */
export function replaced(state: JobState, index: number): JobState {
  const task = taskAt(state.slots, index)!;
  return withTask(state, {
    ...task,
    id: `${task.id}r`,
    evictionResubmits: task.evictionResubmits + 1,
    status: { ...task.status, state: 'started' },
  });
}

export function withState(state: JobState, index: number, name: TaskState): JobState {
  const task = taskAt(state.slots, index)!;
  return withTask(state, { ...task, status: { ...task.status, state: name } });
}

export function withTask(state: JobState, task: TaskRecord): JobState {
  const others = [...tasksIn(state.slots)].filter(({ index }) => index !== task.index);
  return assembleJob(state.job, [...others, task]);
}

function taskOf(jobId: string, index: number, sketch: TaskSketch): TaskRecord {
  const { state, evictionResubmits = 0, agentId = 'a', isWaiting = false } = sketch;
  const id = `${jobId}.${index + 1}`;
  return {
    id,
    jobId,
    index,
    originalId: id,
    resubmitOf: undefined,
    resubmits: evictionResubmits,
    systemResubmits: 0,
    evictionResubmits,
    status: { state, reason: 'reported', source: 'agent', atMs: 0, message: undefined },
    history: [],
    killReason: undefined,
    killAttempts: 0,
    killedAtMs: undefined,
    exitCode: undefined,
    placement: state === 'accepted' ? undefined : { agentId, zone: undefined },
    retryDelayMs: undefined,
    quickFailures: 0,
    replaceAtMs: isWaiting && state === 'finished' ? 1 : undefined,
    movedFromJob: undefined,
  };
}

function specOf({
  kind = 'service',
  tasks,
  desired = tasks.length,
  budget: disruptionBudget,
  attributes = {},
}: JobSketch): JobSpec {
  const base = {
    ...TYPICAL_JOB,
    attributes,
    disruptionBudget,
    retryPolicy: { kind: 'immediate', retries: 0 },
  } as const;
  return kind === 'batch'
    ? { ...base, kind, size: desired, runtimeLimitMs: HOUR_MS, retryOnRuntimeLimit: false }
    : {
        ...base,
        kind,
        capacity: { min: 0, desired, max: Math.max(desired, 1) },
        enabled: true,
        processes: { disableIncreaseDesired: false, disableDecreaseDesired: false },
      };
}
