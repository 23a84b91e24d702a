/**
 * What preemption is asked and what it answers: which tasks of lower priority have to leave so that a task fits.
 *
 * Kubernetes compares agents by the highest priority, the sum of priorities and the number of their victims and by
 * the start times (`pickOneNodeForPreemption`), with victims that a greedy pass found per agent; Borg kills the
 * lowest priorities first until the task fits (Verma et al. 2015, 2.5). Here the same wishes are one total order, and
 * the answer is its least element over all agents and all sets of victims.
 */
import { fail } from '../errors.ts';
import { show } from '../support/show.ts';
import { record } from '../resources/specs.ts';

/** @public */
export interface PreemptionOptions {
  /** The only agent to look at. Default: all. */
  readonly row?: number;
  /**
   * Whether a task may be a victim: the place for disruption budgets. Asked once about every task of lower priority on
   * agents that come into question; must answer a boolean and change nothing. Default: all may.
   */
  readonly mayEvict?: (handle: number) => boolean;
  /**
   * Sets of victims to try out before settling for the best plan found, a positive integer; a hundred partial sets that
   * arithmetic rules out count as one. Default 100,000.
   */
  readonly maxTests?: number;
}

/** A task that has to leave. @public */
export interface PreemptionVictim {
  readonly handle: number;
  readonly priority: number;
}

/**
 * Tasks to evict from one agent so that a task of a class is feasible there. Victims have a lower priority than the
 * class and stand on that agent. Of all agents and sets of victims it is the one with, in this order:
 *
 * 1. the lowest highest priority of a victim,
 * 2. the fewest victims,
 * 3. the least sum of their priorities,
 * 4. the lowest row,
 * 5. the victims placed last: comparing the last placed of both sets, then the last but one, and so on.
 *
 * Where the class is feasible without victims, it is the agent that the class would get and no victims.
 * @public
 */
export interface PreemptionPlan {
  readonly row: number;
  /** In the order in which to evict them: lowest priority first, then the one placed last. */
  readonly victims: readonly PreemptionVictim[];
  /** False when `maxTests` was not enough to rule out a better plan; the victims suffice, but may be too many. */
  readonly exact: boolean;
}

/** As `PreemptionOptions`, by id; the agent is that of the task. @public */
export interface TaskPreemptionOptions extends Pick<PreemptionOptions, 'maxTests'> {
  /** Whether a task may be a victim; see `PreemptionOptions`. Default: all may. */
  readonly mayEvict?: (taskId: string) => boolean;
}

/** A task that has to leave, by id. @public */
export interface TaskVictim {
  readonly task: string;
  readonly priority: number;
}

/** A `PreemptionPlan` by ids. @public */
export interface TaskPreemptionPlan {
  readonly agent: string;
  /** In the order in which to evict them: lowest priority first, then the one placed last. */
  readonly victims: readonly TaskVictim[];
  /** See `PreemptionPlan`. */
  readonly exact: boolean;
}

const DEFAULT_MAX_TESTS = 100_000;

/** @throws StowageError INVALID_SPEC */
export function requirePreemptionOptions<
  O extends { readonly mayEvict?: unknown; readonly maxTests?: number },
>(options: O): O & { readonly maxTests: number } {
  const { mayEvict, maxTests = DEFAULT_MAX_TESTS } = record<O>(options, 'the options');
  if (mayEvict !== undefined && typeof mayEvict !== 'function')
    fail('INVALID_SPEC', `mayEvict is ${show(mayEvict)}; give a function, or nothing.`);
  if (!Number.isSafeInteger(maxTests) || maxTests < 1)
    fail('INVALID_SPEC', `maxTests is ${show(maxTests)}; give a positive integer.`);
  return { ...options, maxTests };
}

/** Refuses a plan that time has overtaken. @throws StowageError STALE_PLAN */
export function stale(reason: string): never {
  return fail('STALE_PLAN', `${reason}; nothing was evicted. Plan again with planPreemption.`);
}

/** Refuses what is no plan; whether the plan still holds is another matter. @throws StowageError INVALID_SPEC */
export function requirePlan<P extends { readonly victims: readonly unknown[] }>(plan: P): P {
  const { victims } = record<P>(plan, 'the plan');
  if (Array.isArray(victims) && victims.every((victim) => typeof victim === 'object' && victim !== null))
    return plan;
  return fail('INVALID_SPEC', `the victims are ${show(victims)}; give a plan that planPreemption returned.`);
}
