/**
 * One task as it is stored and shown: immutable plain data. Its state is that of `status`; `history` holds the earlier
 * ones. Always built with all fields, so that all tasks have one hidden class; JSON drops those that are undefined.
 */
import type { TaskState } from '@stowage/protocol';
import type { TaskEndReason, TaskReason, TransitionSource } from './task-reasons.ts';

/** @public */
export interface TaskTransition {
  readonly state: TaskState;
  readonly reason: TaskReason;
  readonly source: TransitionSource;
  readonly atMs: number;
  /** One sentence for people. */
  readonly message: string | undefined;
}

/** Where a task was placed; labels for the manager, which knows no agents. @public */
export interface TaskPlacement {
  readonly agentId: string;
  /** Victims of a scale-down are chosen so that zones stay balanced. */
  readonly zone: string | undefined;
}

/** @public */
export interface TaskRecord {
  /** `<job id>.<serial>`, never used twice as long as the id of the job is not. */
  readonly id: string;
  /** Differs from the prefix of the id after a move. */
  readonly jobId: string;
  /** Place of the task within its job; at most one task that is not finished has it. */
  readonly index: number;
  /** The first task in whose place this one is; its own id when it is the first. */
  readonly originalId: string;
  readonly resubmitOf: string | undefined;
  /** Replacements in the chain so far, those that count against the user's retries and the others. */
  readonly resubmits: number;
  /** Of these, for reasons that are not the user's doing, evictions left out. */
  readonly systemResubmits: number;
  readonly evictionResubmits: number;
  readonly status: TaskTransition;
  readonly history: readonly TaskTransition[];
  /** Of `kill-initiated` and after: why; the reason of the end, unless the task ended by itself before. */
  readonly killReason: TaskEndReason | undefined;
  /** Kills sent, 0 before the first. */
  readonly killAttempts: number;
  /** When the last of them was sent. */
  readonly killedAtMs: number | undefined;
  readonly exitCode: number | undefined;
  readonly placement: TaskPlacement | undefined;
  /** Delay that the next replacement would wait, before limits and reset; undefined = where its policy starts. */
  readonly retryDelayMs: number | undefined;
  /** Failures in a row in this chain, each soon after the start; see `crash-loop.ts`. */
  readonly quickFailures: number;
  /** Of a finished task that waits for its replacement: when that is due. */
  readonly replaceAtMs: number | undefined;
  readonly movedFromJob: string | undefined;
}

/** Names a task of a job. Both, so that a stale name is noticed. @public */
export interface TaskRef {
  readonly index: number;
  readonly taskId: string;
}
