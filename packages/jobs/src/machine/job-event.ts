/**
 * Everything that can happen to a job. Events may come twice, late, or out of order; a step says of each whether it
 * was taken, and one that was not has changed nothing.
 */
import type { FinishReason, TaskState } from '@stowage/protocol';
import type { TaskPlacement, TaskRef } from '../model/task-record.ts';
import type { Capacity, DisruptionBudget, ServiceProcesses } from '../spec/job-spec.ts';

/** @public */
export type JobEvent =
  /** Of users. */
  | { readonly kind: 'kill-job' }
  /** Service only. What is left out stays; `desired` is then brought between `min` and `max`. */
  | { readonly kind: 'update-capacity'; readonly capacity: Partial<Capacity> }
  | { readonly kind: 'update-processes'; readonly processes: Partial<ServiceProcesses> }
  | { readonly kind: 'set-enabled'; readonly enabled: boolean }
  | { readonly kind: 'update-disruption-budget'; readonly budget: DisruptionBudget }
  /** `remove` comes first. */
  | {
      readonly kind: 'update-attributes';
      readonly set?: Readonly<Record<string, string>>;
      readonly remove?: readonly string[];
    }
  /** With `shrink`, service only: the task is not replaced, `desired` and if need be `min` go down by one. */
  | {
      readonly kind: 'kill-task';
      readonly task: TaskRef;
      readonly shrink?: boolean;
      /** Refuses to shrink below `min` instead of lowering it. */
      readonly preventMinSizeUpdate?: boolean;
    }
  /** Of who evicts. Budgets are looked at before, by `admitEviction`; here it is only counted. */
  | { readonly kind: 'evict-task'; readonly task: TaskRef; readonly message?: string }
  /** Of the scheduler: the task has a place, which is booked. When refused, the caller frees the booking. */
  | { readonly kind: 'placed'; readonly task: TaskRef; readonly placement: TaskPlacement }
  /** Of agents, or of who speaks for one that is gone (`finished`, `lost`). */
  | {
      readonly kind: 'task-status';
      readonly task: TaskRef;
      /** `accepted` and `launched` of an agent are no news. */
      readonly state: TaskState;
      /** With `finished`. */
      readonly reason?: FinishReason | 'crashed' | 'transient-system-error';
      readonly exitCode?: number;
      readonly message?: string;
    }
  /** A wake-up that was asked for; early, late and double ones do no harm. */
  | { readonly kind: 'wake'; readonly task: TaskRef }
  /** First event after a reload: asks for everything anew that may have been lost, and starts time-outs again. */
  | { readonly kind: 'restored' };

export type EventOf<K extends JobEvent['kind']> = Extract<JobEvent, { readonly kind: K }>;
