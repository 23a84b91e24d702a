/**
 * The tasks that are expected to arrive, by which fragmentation is measured.
 */
import { MAX_SLOTS, show, StowageError } from '@stowage/core';

/** A kind of task that is expected to arrive, in units of the schema. @public */
export interface TypicalTask {
  /** CPU units, 0 or more. */
  readonly cpu: number;
  /** Slots asked for, 0 to 32; 0 = none: all that is free is lost to such a task. */
  readonly slots: number;
  /** Units of each slot, above 0; for whole slots the units that a slot has. 0 without slots. */
  readonly units: number;
  /** Values of the agent attribute that it runs on; empty = any. */
  readonly models: readonly string[];
  /** Share of the expected tasks, above 0; all shares together are 1. */
  readonly frequency: number;
}

/** How far from 1 the sum of all frequencies may be: far more than rounding, far less than a forgotten task. */
const SUM_TOLERANCE = 1e-6;

/** @throws StowageError INVALID_PLUGIN */
export function requireTypicalTasks(tasks: readonly TypicalTask[]): void {
  const given: unknown = tasks;
  if (!Array.isArray(given)) reject(`${show(given)} is no list; give the tasks that are expected`);
  tasks.forEach(({ cpu, slots, units, frequency, models }, i) => {
    if (!Array.isArray(models)) reject(`entry ${i} has no list of models; give an empty one for any`);
    const isDemand = [cpu, slots, units].every((amount) => Number.isSafeInteger(amount) && amount >= 0);
    if (!isDemand || slots > MAX_SLOTS || slots > 0 !== units > 0 || !(frequency > 0 && frequency <= 1)) {
      reject(
        `entry ${i} asks for ${cpu} cpu and ${slots} slots of ${units} units with frequency ${frequency}; give integers of at least 0, at most ${MAX_SLOTS} slots, units above 0 exactly with slots, a frequency above 0 and up to 1`,
      );
    }
  });
  const sum = tasks.reduce((total, { frequency }) => total + frequency, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    reject(`the frequencies sum to ${sum}; divide them by their sum, so that they sum to 1`);
  }
}

function reject(problem: string): never {
  throw new StowageError('INVALID_PLUGIN', `typical tasks: ${problem}.`);
}
