/**
 * One step while it is being made: the job, its slots and counts as they are so far, and what is to be done. At the end
 * there is one `persist` of all that differs from the state before, so that a step is stored as a whole. What a task
 * needs in the state it has come to is found by comparing too; nobody who changes a task can forget it.
 */
import type { JobRecord } from '../model/job-record.ts';
import type { JobState } from '../model/job-state.ts';
import { SlotsDraft } from '../model/slots-draft.ts';
import { countTask, type MutableTaskCounts, NO_TASKS } from '../model/task-counts.ts';
import type { TaskRecord, TaskRef } from '../model/task-record.ts';
import { withEntry } from '../small-lists.ts';
import { NO_SLOTS, taskAt, type TaskSlots } from '../model/task-slots.ts';
import type { JobEffect, JobNotice } from './job-effect.ts';
import type { JobKind } from './job-kind.ts';
import { kindOf } from './job-kinds.ts';
import type { JobPolicy } from './job-policy.ts';
import { needsOf } from './needs.ts';
import type { Step } from './step.ts';

/** Effects after `persist`, in the order of a step. */
export const EFFECT_ORDER: readonly Exclude<JobEffect['kind'], 'persist'>[] = [
  'release',
  'kill',
  'launch',
  'enqueue',
  'wake',
  'notify',
];

type Said = Exclude<JobEffect, { readonly kind: 'persist' }>;

interface Line {
  /** Place of its kind in the order. */
  readonly rank: number;
  readonly index: number;
  readonly effect: Said;
}

const NONE: readonly never[] = [];

/** Index of what concerns the whole job: after all tasks. */
const WHOLE_JOB = Number.MAX_SAFE_INTEGER;

export class JobDraft {
  readonly before: JobState;
  readonly nowMs: number;
  readonly policy: JobPolicy;
  readonly kind: JobKind;
  job: JobRecord;
  counts: MutableTaskCounts;
  slots: SlotsDraft;
  /** Everything that tasks need in their states is asked for, also where nothing changed. */
  asksAll = false;
  #touched: number[] | undefined;
  #archived: TaskRecord[] | undefined;
  #lines: Line[] | undefined;
  #nextSerial: number;
  #arrived: TaskRecord | undefined;

  constructor(before: JobState, nowMs: number, policy: JobPolicy) {
    this.before = before;
    this.nowMs = nowMs;
    this.policy = policy;
    this.job = before.job;
    this.kind = kindOf(before.job.spec);
    this.counts = { ...before.counts };
    this.slots = new SlotsDraft(before.slots);
    this.#nextSerial = before.job.nextSerial;
  }

  /** Whether the job keeps what it promises: it is not being killed. */
  get isAccepted(): boolean {
    return this.job.status.state === 'accepted';
  }

  get isChanged(): boolean {
    return this.job !== this.before.job || this.#touched !== undefined;
  }

  /** The task that is named, undefined when it is not in its slot. */
  find({ index, taskId }: TaskRef): TaskRecord | undefined {
    const task = this.slots.at(index);
    return task?.id === taskId ? task : undefined;
  }

  put(index: number, task: TaskRecord | undefined): void {
    countTask(this.counts, this.slots.at(index), -1);
    countTask(this.counts, task, 1);
    this.slots.put(index, task);
    this.#touched = withEntry(this.#touched, index);
  }

  /** A task of another job, as it will be here; in its state it has all it needs but a wake-up. */
  receive(task: TaskRecord): void {
    this.#arrived = task;
    this.put(task.index, task);
  }

  takeSerial(): number {
    return this.#nextSerial++;
  }

  /** The finished task leaves the active set; its slot is the caller's to fill or empty. */
  archive(task: TaskRecord): void {
    this.#archived = withEntry(this.#archived, task);
  }

  /** All tasks leave the active set. */
  archiveAll(): void {
    this.#archived = [...(this.#archived ?? NONE), ...this.slots.tasks()];
    this.slots = new SlotsDraft(NO_SLOTS);
    this.counts = { ...NO_TASKS };
    this.#touched = undefined;
  }

  release(task: TaskRecord): void {
    this.#say(task.index, { kind: 'release', taskId: task.id });
  }

  wake({ index, id }: TaskRecord, atMs: number): void {
    this.#say(index, { kind: 'wake', task: { index, taskId: id }, atMs });
  }

  notify(notice: JobNotice): void {
    const index = notice.kind === 'job-finished' ? WHOLE_JOB : notice.task.index;
    this.#say(index, { kind: 'notify', notice });
  }

  /** The step; the draft is not to be used after. */
  finish(): Step {
    const touched = this.#distinctTouched();
    if (this.asksAll) for (const task of this.slots.tasks()) this.#sayNeeds(undefined, task);
    else for (const index of touched) this.#sayNeeds(this.#earlier(index), this.slots.at(index));
    const said = this.#inOrder();
    if (!this.isChanged) return { state: this.before, effects: said, rejection: undefined };
    if (this.#nextSerial !== this.job.nextSerial) this.job = { ...this.job, nextSerial: this.#nextSerial };
    const slots = this.slots.seal();
    const persist: JobEffect = {
      kind: 'persist',
      jobId: this.job.id,
      job: this.job === this.before.job ? undefined : this.job,
      tasks: tasksAt(slots, touched),
      archived: this.#archived ?? NONE,
      jobArchived: this.job.status.state === 'finished',
    };
    const state = { job: this.job, slots, counts: this.counts };
    const effects = said.length === 0 ? [persist] : [persist, ...said];
    return { state, effects, rejection: undefined };
  }

  #earlier(index: number): TaskRecord | undefined {
    return this.#arrived?.index === index ? this.#arrived : taskAt(this.before.slots, index);
  }

  #sayNeeds(earlier: TaskRecord | undefined, task: TaskRecord | undefined): void {
    if (task === undefined) return;
    for (const effect of needsOf(earlier, task, this.job, this.policy)) this.#say(task.index, effect);
  }

  #say(index: number, effect: Said): void {
    const line = { rank: EFFECT_ORDER.indexOf(effect.kind), index, effect };
    this.#lines = withEntry(this.#lines, line);
  }

  #distinctTouched(): readonly number[] {
    const touched = this.#touched ?? NONE;
    return touched.length < 2 ? touched : [...new Set(touched)].sort((a, b) => a - b);
  }

  #inOrder(): readonly JobEffect[] {
    if (this.#lines === undefined) return NONE;
    if (this.#lines.length > 1) this.#lines.sort(byRankAndIndex);
    return this.#lines.map(effectOf);
  }
}

function tasksAt(slots: TaskSlots, indexes: readonly number[]): readonly TaskRecord[] {
  let tasks: TaskRecord[] | undefined;
  for (const index of indexes) {
    const task = taskAt(slots, index);
    if (task !== undefined) tasks = withEntry(tasks, task);
  }
  return tasks ?? NONE;
}

function byRankAndIndex(a: Line, b: Line): number {
  return a.rank - b.rank || a.index - b.index;
}

function effectOf({ effect }: Line): JobEffect {
  return effect;
}
