/**
 * Which task leaves in which operation of a churn: so many draws that no run comes round to the first one again
 * while it matters, and the same for the engine, the scan and the oracle.
 */
import { SeededRandom } from '@stowage/simulator';
import type { Workload } from './workload.ts';

/** A power of two, so that the position needs no division. */
export const VICTIMS: number = 2 ** 20;

export function victimsOf({ seed }: Workload, tasks: number): Int32Array {
  const random = new SeededRandom(seed + 3);
  return Int32Array.from({ length: VICTIMS }, () => random.below(tasks));
}
