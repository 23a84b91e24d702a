/**
 * How containers behave: rules that say, for the tasks they fit, how long each stage of a life takes and how it ends.
 * After the container scripts of Titus' test kit (`TASK_LIFECYCLE_n` with selectors and actions). What a task draws
 * depends on the seed and its id only, so two cells with the same seed run the same containers whatever is placed where.
 */
import type { TaskEndReason } from '@stowage/jobs';

/** Milliseconds: fixed, or drawn per task. @public */
export type Duration =
  | number
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number; readonly maxMs?: number }
  /** Half of the tasks take less than `medianMs`; `sigma` is the deviation of the logarithm, 1 is a heavy tail. */
  | {
      readonly kind: 'lognormal';
      readonly medianMs: number;
      readonly sigma: number;
      readonly maxMs?: number;
    };

/** What an agent can say of an end. @public */
export type ScriptedEnd = Extract<
  TaskEndReason,
  | 'normal'
  | 'failed'
  | 'out-of-memory'
  | 'killed'
  | 'invalid-request'
  | 'unavailable'
  | 'timed-out'
  | 'local-system-error'
  | 'crashed'
  | 'transient-system-error'
>;

/** @public */
export type StageAction =
  /** On to the next stage; `started` goes on to a normal end, `kill-initiated` to a killed one. */
  | 'continue'
  | { readonly finish: ScriptedEnd; readonly exitCode?: number }
  /** The agent never says a word of the task again, until it is killed. In `killInitiated`: never at all. */
  | 'forget';

/** @public */
export interface Stage {
  /** Time spent in the stage before the action. Without it the stage of a started service task never ends. */
  readonly delayMs?: Duration;
  /** Default `continue`. */
  readonly action?: StageAction;
  /** With which the action is taken instead of `continue`, 0 to 1. Default 1. */
  readonly probability?: number;
}

/** Fits tasks for which everything given holds. @public */
export interface LifeCycleSelector {
  /** Of the job's id; `*` stands for any characters. */
  readonly job?: string;
  readonly kind?: 'batch' | 'service';
  /** `from`, `from + step` and so on, up to and with `to`. */
  readonly indexes?: { readonly from: number; readonly step?: number; readonly to?: number };
  /** The task is the n-th replacement of its chain; 0 = the first task. */
  readonly resubmits?: readonly number[];
  readonly zones?: readonly string[];
  /** Of the agent's id, with `*`. */
  readonly agents?: string;
}

/** @public */
export interface LifeCycleRule {
  readonly selector?: LifeCycleSelector;
  /** Reached the agent, waits to be prepared. Default 100 ms. */
  readonly launched?: Stage;
  /** After image and network are there. Default 500 ms. */
  readonly startInitiated?: Stage;
  /** Default: batch tasks run for 60 s and end normally, service tasks run until they are killed. */
  readonly started?: Stage;
  /** Default 500 ms. */
  readonly killInitiated?: Stage;
}
