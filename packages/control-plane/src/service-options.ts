/**
 * What a scheduling service is made of, with defaults, and the check of it.
 */
import { AutoScaler, type FailureKind } from '@stowage/autoscale';
import { OfferPool, Scheduler, show } from '@stowage/core';
import { GroupLimits, TieredQueue } from '@stowage/queues';
import { type Clock, systemClock } from './clock.ts';
import type { CycleResult } from './cycle-result.ts';
import { fail } from './errors.ts';
import type { QueuedServiceTask } from './service-task.ts';

/** @public */
export interface SchedulingServiceOptions {
  readonly scheduler: Scheduler;
  readonly queue: TieredQueue<QueuedServiceTask>;
  /** Resource offers as the supply. Default: whole agents, added to the scheduler. */
  readonly offers?: OfferPool;
  /** Evaluated at the end of every cycle. Default: none. */
  readonly autoScaler?: AutoScaler;
  /** Limits of what groups may use together. Default: none. */
  readonly limits?: GroupLimits;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** From the end of a tick to the next one, at least 0. Default 50. */
  readonly delayMs?: number;
  /** A cycle is run after this time even if nothing has happened, at least `delayMs`. Default 5000. */
  readonly maxDelayMs?: number;
  /** Most tasks placed in a cycle, a positive integer or Infinity. Default Infinity. */
  readonly batchSize?: number;
  /** Most preemption plans made in a cycle for tasks that find no agent. Default 0. */
  readonly preemptionPlans?: number;
  /** Whether cycles name tasks that should be stopped, for which they look at all agents. Default true. */
  readonly evictions?: boolean;
  /**
   * Why a task found no agent is a look at all agents. For so long, in ms, what was found stands for tasks that are
   * alike: made from one object, so that resources, labels, constraints and the like are the very same. Default 0: every
   * failure is explained anew.
   */
  readonly explanationAgeMs?: number;
  /** Kinds of failures by name of the hard constraint, such as `{ 'launch guard': 'launch-guard' }`. */
  readonly constraintKinds?: Readonly<Record<string, FailureKind>>;
  /** Called before a cycle: the place to bring agents up to date. What it throws is reported; the cycle goes on. Must be synchronous. */
  readonly beforeCycle?: (nowMs: number) => void;
  /** Called with the result of every cycle: the place to launch, persist, grow and shrink. Must not return a promise that rejects. */
  readonly afterCycle?: (result: CycleResult) => void;
}

/** The options with their defaults. */
export type ServiceSettings = SchedulingServiceOptions &
  Required<
    Pick<
      SchedulingServiceOptions,
      | 'clock'
      | 'delayMs'
      | 'maxDelayMs'
      | 'batchSize'
      | 'preemptionPlans'
      | 'constraintKinds'
      | 'evictions'
      | 'explanationAgeMs'
    >
  >;

/** @throws StowageError INVALID_SERVICE_OPTION */
export function checkedSettings(options: SchedulingServiceOptions): ServiceSettings {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null)
    fail('INVALID_SERVICE_OPTION', `the options are ${show(given)}; give { scheduler, queue }.`);
  const { clock = systemClock(), delayMs = 50, batchSize = Infinity, preemptionPlans = 0 } = options;
  const { scheduler, queue, offers, autoScaler, limits, constraintKinds = {} } = options;
  const { evictions = true, explanationAgeMs = 0 } = options;
  const { maxDelayMs = Math.max(5000, delayMs) } = options;
  requireInstance('scheduler', scheduler, Scheduler);
  requireInstance('queue', queue, TieredQueue);
  if (offers !== undefined) requireInstance('offers', offers, OfferPool);
  if (autoScaler !== undefined) requireInstance('autoScaler', autoScaler, AutoScaler);
  if (limits !== undefined) requireInstance('limits', limits, GroupLimits);
  for (const [name, hook] of Object.entries({
    beforeCycle: options.beforeCycle,
    afterCycle: options.afterCycle,
    'clock.nowMs': (clock as Partial<Clock> | null)?.nowMs ?? null,
    'clock.after': (clock as Partial<Clock> | null)?.after ?? null,
  })) {
    if (hook !== undefined && typeof hook !== 'function')
      fail('INVALID_SERVICE_OPTION', `${name} is ${show(hook)}; give a function.`);
  }
  if (offers !== undefined && preemptionPlans > 0) {
    fail(
      'INVALID_SERVICE_OPTION',
      'with offers, what preempted tasks leave comes back as a new offer; leave preemptionPlans out.',
    );
  }
  requireNumber('delayMs', delayMs, 0);
  requireNumber('maxDelayMs', maxDelayMs, delayMs);
  requireNumber('explanationAgeMs', explanationAgeMs, 0);
  if (typeof evictions !== 'boolean')
    fail('INVALID_SERVICE_OPTION', `evictions is ${show(evictions)}; give true or false.`);
  requireCount('batchSize', batchSize, 1);
  requireCount('preemptionPlans', preemptionPlans, 0);
  return {
    ...options,
    clock,
    delayMs,
    maxDelayMs,
    batchSize,
    preemptionPlans,
    constraintKinds,
    evictions,
    explanationAgeMs,
  };
}

function requireInstance(name: string, value: unknown, type: abstract new (...args: never) => unknown): void {
  if (value instanceof type) return;
  fail('INVALID_SERVICE_OPTION', `${name} is ${show(value)}; give a ${type.name}.`);
}

function requireNumber(name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return;
  fail('INVALID_SERVICE_OPTION', `${name} is ${show(value)}; give a finite number of at least ${least}.`);
}

function requireCount(name: string, value: number, least: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return;
  fail(
    'INVALID_SERVICE_OPTION',
    `${name} is ${show(value)}; give an integer of at least ${least}, or Infinity.`,
  );
}
