/**
 * What the agent knows of one task: a fold over the records of its journal, the same in a running agent and after a
 * restart. A record is applied only after it is on disk, so memory is never ahead of the journal.
 */
import {
  TASK_STATES,
  type FinishReason,
  type TaskSpec,
  type TaskState,
  type TaskStatus,
} from '@stowage/protocol';
import type { Contribution } from '../contract/facility.ts';

/** How a task ended, decided before its clean-up begins. */
export interface Outcome {
  readonly reason: FinishReason;
  readonly message: string;
  readonly exitCode?: number;
}

export interface KillWish {
  readonly graceMs: number;
  /** Of SIGKILL at the latest, with the time of a hook before the grace. By the wall clock; a later wish may only bring it forward. */
  readonly deadlineMs: number;
}

/** What must outlive a crash once there may be a container. */
export interface Preparation {
  /** Of the facilities that gave something, in the order in which they did. */
  readonly contributions: readonly { readonly facility: string; readonly contribution: Contribution }[];
  readonly stopSignal: string;
  readonly args: readonly string[];
}

export type TaskJournalRecord =
  /** The first one. `version` is that of the format. */
  | {
      readonly kind: 'accepted';
      readonly version: 1;
      readonly spec: TaskSpec;
      readonly status: TaskStatus;
    }
  | { readonly kind: 'status'; readonly status: TaskStatus; readonly kill?: KillWish }
  | { readonly kind: 'kill'; readonly kill: KillWish }
  /** The hook before the stop signal is about to run: it may have run, whole or in part. */
  | { readonly kind: 'pre-stop' }
  | { readonly kind: 'prepared'; readonly preparation: Preparation }
  /** All that preparation brought was freed; it begins anew. */
  | { readonly kind: 'relaunched' }
  | { readonly kind: 'ended'; readonly outcome: Outcome };

export class TaskRecord {
  readonly spec: TaskSpec;
  #statuses: TaskStatus[];
  #preparation: Preparation | undefined;
  #kill: KillWish | undefined;
  #isHookDue = false;
  #outcome: Outcome | undefined;

  constructor(spec: TaskSpec, accepted: TaskStatus) {
    this.spec = spec;
    this.#statuses = [accepted];
  }

  get taskId(): string {
    return this.spec.taskId;
  }
  get statuses(): readonly TaskStatus[] {
    return this.#statuses;
  }
  get state(): TaskState {
    return this.#statuses.at(-1)!.state;
  }
  get preparation(): Preparation | undefined {
    return this.#preparation;
  }
  get kill(): KillWish | undefined {
    return this.#kill;
  }
  /** A kill is to begin with the hook: the task has started, there is a grace, and the hook has not begun. */
  get isHookDue(): boolean {
    return this.#isHookDue;
  }
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }
  get address(): string | undefined {
    return this.#preparation?.contributions.find(({ contribution }) => contribution.address !== undefined)
      ?.contribution.address;
  }

  hasSaid(state: TaskState): boolean {
    return this.#statuses.some((status) => status.state === state);
  }

  /** Whether it would change when the task ends. To ask for as much grace once more does not, nor does it end a hook. */
  isHastenedBy({ graceMs, deadlineMs }: KillWish): boolean {
    return this.#kill === undefined || (graceMs < this.#kill.graceMs && deadlineMs < this.#kill.deadlineMs);
  }

  /** @throws Error when the record cannot follow those before it */
  check(record: TaskJournalRecord): void {
    if (record.kind === 'accepted') throw new Error('A task was accepted twice.');
    if (record.kind !== 'status') return;
    if (TASK_STATES.indexOf(record.status.state) <= TASK_STATES.indexOf(this.state))
      throw new Error(`The state ${record.status.state} follows ${this.state}.`);
  }

  /** @throws what `check` throws */
  apply(record: TaskJournalRecord): void {
    this.check(record);
    switch (record.kind) {
      case 'accepted':
        break;
      case 'status':
        this.#statuses.push(record.status);
        if (record.kill !== undefined) this.#wish(record.kill);
        break;
      case 'kill':
        this.#wish(record.kill);
        break;
      case 'pre-stop':
        this.#isHookDue = false;
        break;
      case 'prepared':
        this.#preparation = record.preparation;
        break;
      case 'relaunched':
        this.#preparation = undefined;
        break;
      case 'ended':
        this.#outcome = record.outcome;
        break;
    }
  }

  #wish(kill: KillWish): void {
    if (!this.isHastenedBy(kill)) return;
    this.#isHookDue =
      this.#kill === undefined &&
      this.spec.preStop !== undefined &&
      kill.graceMs > 0 &&
      this.hasSaid('started');
    this.#kill = kill;
  }
}
