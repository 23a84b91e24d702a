/**
 * What a relocation plan is made of: who should move, what is remembered from plan to plan, and what the plan says. All
 * plain data, so that the memory may be stored and another planner may go on with it.
 */
import type { JobState } from '../model/job-state.ts';
import type { TaskRef } from '../model/task-record.ts';
import type { QuotaContext } from './eviction-quota.ts';

/** @public */
export type RelocationReason = 'drain' | 'rebalance' | 'agent-problem';

/** A task that should leave its agent; stated in every plan for as long as that holds. @public */
export interface RelocationNeed {
  readonly jobId: string;
  readonly task: TaskRef;
  readonly agentId: string;
  readonly reason: RelocationReason;
  /** The owner is not given time to move the task; the budgets hold all the same. Default false. */
  readonly immediately?: boolean;
}

/** A need that is not served yet. @public */
export interface PendingRelocation {
  readonly jobId: string;
  readonly task: TaskRef;
  readonly agentId: string;
  readonly reason: RelocationReason;
  /** When the need was first seen. */
  readonly sinceMs: number;
  /** Announced: until then the owner may move the task. */
  readonly deadlineMs: number | undefined;
  /** When it was first passed over although its job and the system had quota. */
  readonly passedOverMs: number | undefined;
}

/** @public */
export interface RelocationMemory {
  /** By task id. */
  readonly pending: readonly PendingRelocation[];
}

/** What is remembered before the first plan. @public */
export const NO_RELOCATIONS: RelocationMemory = { pending: [] };

/** An announcement that does not hold any more. @public */
export interface CancelledRelocation extends PendingRelocation {
  /**
   * - `no-need`: the need is gone, or the job has become exempt.
   * - `task-gone`: the task is being killed or has ended, be it moved by its owner or evicted.
   */
  readonly cause: 'no-need' | 'task-gone';
}

/** @public */
export interface RelocationPlan {
  /** For the next plan. */
  readonly memory: RelocationMemory;
  /** Announced by this plan, by task id. */
  readonly announced: readonly PendingRelocation[];
  /** To evict now, in this order; each under `admitEviction`, which may find that things have changed. */
  readonly evictions: readonly PendingRelocation[];
  /** Each announcement comes here once, when it ends; by task id. */
  readonly cancelled: readonly CancelledRelocation[];
}

/** @public */
export interface RelocationContext extends QuotaContext {
  /** Active jobs; undefined for one that is not. */
  readonly job: (jobId: string) => JobState | undefined;
  /** What the system allows now, as `SystemEvictionQuota.allowed` says. Default: no limit. */
  readonly systemAllowed?: number;
  /** A need that has been passed over for so long goes first. Default 3,600,000, the longest window of a rate. */
  readonly patienceMs?: number;
}
