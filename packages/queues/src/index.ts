export { type Amounts, MAX_QUEUE_TASKS } from './amounts.ts';
export { QUEUE_ERRORS, type QueueErrorCode } from './errors.ts';
export { GroupLimits, type GroupLimitsOptions } from './group-limits.ts';
export type { CycleReport, QueueCycle, RefusedTask } from './queue-cycle.ts';
export type { QueuedTask, QueueEntry, TaskState } from './queued-task.ts';
export { Refusal, type RefusalCode } from './refusal.ts';
export type { BucketSettings, TierSettings } from './settings.ts';
export type { BucketStatus, TierStatus } from './status.ts';
export { TieredQueue, type TieredQueueOptions } from './tiered-queue.ts';
