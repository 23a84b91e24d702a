/**
 * What a cycle did and what it asks of its caller: values only, nothing was launched, killed, grown or shrunk.
 */
import type { Evaluation, FailureKind } from '@stowage/autoscale';
import type {
  GivenBack,
  HandOver,
  Placement,
  StowageError,
  TaskEviction,
  TaskPreemptionPlan,
} from '@stowage/core';
import type { ServiceTask } from './service-task.ts';

/** A task that was placed. @public */
export interface ServicePlacement extends Placement {
  readonly spec: ServiceTask;
  /** From its arrival in the queue to now. */
  readonly waitedMs: number;
}

/** A task that stays queued. @public */
export interface ServiceFailure {
  readonly spec: ServiceTask;
  readonly kind: FailureKind;
  /** In one line. */
  readonly reason: string;
  readonly waitedMs: number;
}

/** A way to make room for a task that found none. @public */
export interface ServicePreemption extends TaskPreemptionPlan {
  /** Id of the task that it makes room for. */
  readonly preemptor: string;
}

/** @public */
export interface CycleResult {
  readonly nowMs: number;
  /** In the order in which they were placed. */
  readonly placements: readonly ServicePlacement[];
  /** In the order in which they were tried or refused. */
  readonly failures: readonly ServiceFailure[];
  /** With offers: what to launch on which offers. */
  readonly handOvers: readonly HandOver[];
  /** With offers: what to decline. */
  readonly givenBack: readonly GivenBack[];
  /** Tasks that should be stopped; when they have, `remove` them. */
  readonly evictions: readonly TaskEviction[];
  /** Ways to make room for tasks that found none, to be carried out by `SchedulingService.preempt`. */
  readonly preemptions: readonly ServicePreemption[];
  /** With an auto-scaler: agents to add or remove. */
  readonly scaling: Evaluation | undefined;
  /** Hooks and parts that failed; the rest of the cycle stands. */
  readonly errors: readonly StowageError[];
  /** Whether every ready task was tried; if not, the batch was full. */
  readonly complete: boolean;
}
