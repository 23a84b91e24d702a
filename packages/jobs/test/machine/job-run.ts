/**
 * One job stepped from event to event, as a driver would: a store takes what is to be persisted, and after every step
 * what it holds makes the same job again, byte for byte. Times are milliseconds from 0.
 */
import type { TaskState } from '@stowage/protocol';
import { expect } from 'vitest';
import type { JobErrorCode } from '../../src/errors.ts';
import { createJob } from '../../src/machine/create-job.ts';
import type { JobEffect, JobNotice } from '../../src/machine/job-effect.ts';
import type { JobEvent } from '../../src/machine/job-event.ts';
import { defaultJobPolicy, type JobPolicy } from '../../src/machine/job-policy.ts';
import type { Step } from '../../src/machine/step.ts';
import { stepJob } from '../../src/machine/step-job.ts';
import { assembleJob } from '../../src/model/assemble-job.ts';
import type { JobRecord } from '../../src/model/job-record.ts';
import type { JobState } from '../../src/model/job-state.ts';
import { serializeJob } from '../../src/model/serialize-job.ts';
import type { TaskRecord, TaskRef } from '../../src/model/task-record.ts';
import { taskAt, tasksIn } from '../../src/model/task-slots.ts';
import type { JobSpec } from '../../src/spec/job-spec.ts';

type Ended = Pick<Extract<JobEvent, { kind: 'task-status' }>, 'reason' | 'exitCode' | 'message'>;

export class JobRun {
  readonly policy: JobPolicy;
  readonly store: Map<string, string> = new Map();
  readonly archive: TaskRecord[] = [];
  readonly notices: JobNotice[] = [];
  state: JobState;
  nowMs = 0;
  /** Of the last step. */
  effects: readonly JobEffect[] = [];

  constructor(spec: JobSpec, policy: Partial<JobPolicy> = {}, id = 'job') {
    this.policy = defaultJobPolicy(policy);
    const step = createJob(spec, id, 0, this.policy);
    this.state = step.state;
    this.take(step);
  }

  /** An event that must be taken. */
  step(event: JobEvent, nowMs: number = this.nowMs): readonly JobEffect[] {
    this.nowMs = nowMs;
    const step = stepJob(this.state, event, nowMs, this.policy);
    expect(step.rejection).toBeUndefined();
    this.take(step);
    return step.effects;
  }

  /** Why an event is refused; it must be, and must have changed nothing. */
  refusal(event: JobEvent, nowMs: number = this.nowMs): JobErrorCode {
    const step = stepJob(this.state, event, nowMs, this.policy);
    expect(step.state).toBe(this.state);
    expect(step.effects).toEqual([]);
    expect(step.rejection?.message).toMatch(/\w/);
    return step.rejection!.code;
  }

  /** What a step has said, also one of a move. */
  take({ state, effects }: Pick<Step, 'state' | 'effects'>): void {
    this.state = state;
    this.effects = effects;
    for (const effect of effects) {
      if (effect.kind === 'notify') this.notices.push(effect.notice);
      if (effect.kind === 'persist' && effect.jobId === state.job.id) this.#persist(effect);
    }
    if (this.store.size > 0) expect(serializeJob(this.reassembled())).toBe(serializeJob(state));
  }

  /** The job as a reload finds it. */
  reassembled(): JobState {
    const { [this.state.job.id]: job, ...tasks } = Object.fromEntries(
      [...this.store].map(([key, text]) => [key, JSON.parse(text)]),
    );
    return assembleJob(job as JobRecord, Object.values(tasks).reverse() as TaskRecord[]);
  }

  at(index: number): TaskRecord {
    const task = taskAt(this.state.slots, index);
    expect(task, `a task at ${index}`).toBeDefined();
    return task!;
  }

  ref(index: number): TaskRef {
    return { index, taskId: this.at(index).id };
  }

  place(index: number, agentId = 'agent', zone?: string): readonly JobEffect[] {
    return this.step({ kind: 'placed', task: this.ref(index), placement: { agentId, zone } });
  }

  say(index: number, state: TaskState, more: Ended = {}): readonly JobEffect[] {
    return this.step({ kind: 'task-status', task: this.ref(index), state, ...more });
  }

  /** Placed and started now. */
  start(index: number, agentId?: string, zone?: string): void {
    this.place(index, agentId, zone);
    this.say(index, 'started');
  }

  startAll(): void {
    for (const { index, status } of this.tasks()) if (status.state === 'accepted') this.start(index);
  }

  finish(index: number, reason: Ended['reason'], more: Ended = {}): readonly JobEffect[] {
    return this.say(index, 'finished', { reason, ...more });
  }

  kill(index: number, more: { shrink?: boolean; preventMinSizeUpdate?: boolean } = {}): readonly JobEffect[] {
    return this.step({ kind: 'kill-task', task: this.ref(index), ...more });
  }

  wake(index: number, nowMs: number): readonly JobEffect[] {
    return this.step({ kind: 'wake', task: this.ref(index) }, nowMs);
  }

  /** The wake-up that the task at an index is promised comes on time. */
  wakeWhenDue(index: number): readonly JobEffect[] {
    return this.wake(index, this.wakeAtMs(index));
  }

  /** When the last step wants to hear of the task at an index again. */
  wakeAtMs(index: number): number {
    const wake = this.effects.find((effect) => effect.kind === 'wake' && effect.task.index === index);
    expect(wake, `a wake-up for ${index}`).toBeDefined();
    return (wake as Extract<JobEffect, { kind: 'wake' }>).atMs;
  }

  tasks(): readonly TaskRecord[] {
    return [...tasksIn(this.state.slots)];
  }

  /** State of each index, `-` where there is no task. */
  states(): readonly string[] {
    return Array.from(
      { length: this.state.slots.length },
      (_, index) => taskAt(this.state.slots, index)?.status.state ?? '-',
    );
  }

  /** Effects of the last step in short, without `persist`. */
  said(): readonly string[] {
    return this.effects.flatMap((effect) => inShort(effect) ?? []);
  }

  #persist(effect: Extract<JobEffect, { kind: 'persist' }>): void {
    if (effect.job !== undefined) this.store.set(effect.job.id, JSON.stringify(effect.job));
    for (const task of effect.tasks) this.store.set(task.id, JSON.stringify(task));
    for (const task of effect.archived) this.store.delete(task.id);
    this.archive.push(...effect.archived);
    if (effect.jobArchived) this.store.delete(effect.jobId);
  }
}

export function inShort(effect: JobEffect): string | undefined {
  switch (effect.kind) {
    case 'persist':
      return undefined;
    case 'enqueue':
    case 'launch':
      return `${effect.kind} ${effect.task.id}`;
    case 'kill':
      return `kill ${effect.task.id} #${effect.attempt}`;
    case 'release':
      return `release ${effect.taskId}`;
    case 'wake':
      return `wake ${effect.task.taskId} at ${effect.atMs}`;
    case 'notify':
      return `notify ${effect.notice.kind}`;
  }
}
