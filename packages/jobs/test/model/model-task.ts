/**
 * A task as the model keeps it: mutable, with every transition in one list. Nothing is derived; what can be recomputed is.
 */
import type { TaskState } from '@stowage/protocol';
import type { TaskEndReason, TaskReason, TransitionSource } from '../../src/model/task-reasons.ts';

export interface ModelTransition {
  readonly state: TaskState;
  readonly reason: TaskReason;
  /** Undefined where the contract does not say who caused it. */
  readonly source: TransitionSource | undefined;
  readonly atMs: number;
}

export interface ModelTask {
  readonly id: string;
  jobId: string;
  index: number;
  readonly originalId: string;
  readonly resubmitOf: string | undefined;
  readonly resubmits: number;
  readonly systemResubmits: number;
  readonly evictionResubmits: number;
  readonly transitions: ModelTransition[];
  killReason: TaskEndReason | undefined;
  killAttempts: number;
  /** Of the last kill that was sent. */
  killedAtMs: number | undefined;
  exitCode: number | undefined;
  place: string | undefined;
  quickFailures: number;
  /** What the chain remembers of its delays. */
  delayMs: number | undefined;
  replaceAtMs: number | undefined;
  movedFromJob: string | undefined;
}

/** What the first task of a chain is, and what the next one takes over of another. */
export type Lineage = Pick<
  ModelTask,
  'resubmitOf' | 'resubmits' | 'systemResubmits' | 'evictionResubmits' | 'quickFailures' | 'delayMs'
>;

export const FIRST_OF_CHAIN: Lineage = {
  resubmitOf: undefined,
  resubmits: 0,
  systemResubmits: 0,
  evictionResubmits: 0,
  quickFailures: 0,
  delayMs: undefined,
};

export function stateOf(task: ModelTask): TaskState {
  return task.transitions[task.transitions.length - 1].state;
}

/** Time of the last transition. */
export function sinceMs(task: ModelTask): number {
  return task.transitions[task.transitions.length - 1].atMs;
}

/** Alive and not on its way out. */
export function isLive(task: ModelTask): boolean {
  const state = stateOf(task);
  return state !== 'finished' && state !== 'kill-initiated';
}

/** Counts against the limit of tasks that are not started. */
export function isUnderWay(task: ModelTask): boolean {
  const state = stateOf(task);
  return state !== 'finished' && state !== 'started';
}

/** Why it ended, or will: the kill counts unless the task came to its end by itself. */
export function endReasonOf(task: ModelTask): TaskEndReason {
  const { reason } = task.transitions[task.transitions.length - 1];
  return reason === 'normal' || task.killReason === undefined ? (reason as TaskEndReason) : task.killReason;
}
