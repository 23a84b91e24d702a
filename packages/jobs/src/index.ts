export { JOB_ERRORS, type JobErrorCode, type Rejection } from './errors.ts';
export { admitEviction } from './disruption/admit-eviction.ts';
export type { LimitSource } from './disruption/budget-limit.ts';
export {
  type EvictionQuota,
  evictionQuota,
  evictionRefusal,
  type QuotaContext,
} from './disruption/eviction-quota.ts';
export {
  type RebalanceBudget,
  rebalanceBudget,
  type RebalanceContext,
} from './disruption/rebalance-budget.ts';
export { RELOCATION_NOT_ALLOWED } from './disruption/relocation-exemption.ts';
export {
  type CancelledRelocation,
  NO_RELOCATIONS,
  type PendingRelocation,
  type RelocationContext,
  type RelocationMemory,
  type RelocationNeed,
  type RelocationPlan,
  type RelocationReason,
} from './disruption/relocation-need.ts';
export { planRelocations } from './disruption/relocation-plan.ts';
export { noteEviction } from './disruption/rolling-count.ts';
export { type FallbackBudget, SELF_MANAGED_FALLBACK } from './disruption/self-managed.ts';
export {
  SystemEvictionQuota,
  type SystemEvictionQuotaOptions,
  type SystemEvictionQuotaSnapshot,
} from './disruption/system-quota.ts';
export { isOpen, nextOpening } from './disruption/time-windows.ts';
export { createJob } from './machine/create-job.ts';
export type { JobEffect, JobNotice } from './machine/job-effect.ts';
export type { JobEvent } from './machine/job-event.ts';
export { defaultJobPolicy, type JobPolicy } from './machine/job-policy.ts';
export { moveTask, type MoveStep } from './machine/move-task.ts';
export { packingVictims } from './machine/packing-victims.ts';
export { spreadKeepingVictims } from './machine/spread-keeping-victims.ts';
export { stepJob } from './machine/step-job.ts';
export type { Step } from './machine/step.ts';
export { isStuck } from './machine/timeouts.ts';
export type { VictimOrder } from './machine/victim-order.ts';
export type { Archive, ArchiveCounts, ArchiveOptions } from './manager/archive.ts';
export type { ChangeCursor, JobFilter } from './manager/change-cursor.ts';
export type {
  ChangeStream,
  ChangeStreamOptions,
  CursorOptions,
  ListenerErrors,
} from './manager/change-log.ts';
export type { JobBookOptions } from './manager/job-book.ts';
export type { JobChange } from './manager/job-change.ts';
export {
  type EvictionOptions,
  type Handled,
  JobManager,
  type JobManagerOptions,
  type TaskEvent,
} from './manager/job-manager.ts';
export { LATENCY_BOUNDS_MS, latencyPercentileMs, type LatencyReading } from './manager/latency-histogram.ts';
export type { KindOutcomes } from './manager/kind-outcomes.ts';
export type { Outcomes, OutcomesReading } from './manager/outcomes.ts';
export type { SpecCheckOptions } from './manager/spec-checks.ts';
export type { StoredJobs, StoredProblem } from './manager/stored-jobs.ts';
export type { StuckKillOptions } from './manager/stuck-guard.ts';
export type { Submission } from './manager/submission.ts';
export { assembleJob } from './model/assemble-job.ts';
export type { EvictionCount, JobRecord, JobStateName, JobTransition } from './model/job-record.ts';
export type { JobState } from './model/job-state.ts';
export { canonicalJson, serializeJob } from './model/serialize-job.ts';
export type { TaskCounts } from './model/task-counts.ts';
export {
  RETRY_VERDICTS,
  type RetryVerdict,
  type TaskEndReason,
  type TaskReason,
  type TransitionSource,
} from './model/task-reasons.ts';
export type { TaskPlacement, TaskRecord, TaskRef, TaskTransition } from './model/task-record.ts';
export { taskAt, tasksIn, type TaskSlots } from './model/task-slots.ts';
export type { LargestContainers } from './spec/container-amounts.ts';
export { defaultDisruptionBudget } from './spec/default-disruption-budget.ts';
export {
  describeFieldErrors,
  FIELD_ERRORS,
  type FieldAdjustment,
  type FieldError,
  type FieldErrorCode,
  type FieldLimit,
  type FieldResult,
} from './spec/field-error.ts';
export {
  JOB_LIMITS,
  type JobLimitName,
  jobLimits,
  type JobLimits,
  type LimitRow,
} from './spec/job-limits.ts';
export { type ApplicationLimits, JOB_CONSTRAINTS, type JobSpecOptions } from './spec/job-spec-options.ts';
export { JobSpecRules } from './spec/job-spec-rules.ts';
export type {
  BatchJobSpec,
  Capacity,
  ContainerImage,
  ContainerResources,
  ContainerSpec,
  DisruptionBudget,
  DisruptionPolicy,
  DisruptionRate,
  JobSpec,
  JobSpecBase,
  RetryPolicy,
  ServiceJobSpec,
  ServiceProcesses,
  TimeWindow,
  Weekday,
} from './spec/job-spec.ts';
export {
  type SanitizedJobSpec,
  sanitizeAttributes,
  sanitizeCapacity,
  sanitizeDisruptionBudget,
  sanitizeJobSpec,
} from './spec/sanitize-job-spec.ts';
