/**
 * Times of a churn in batches: one operation is shorter than the clock, and what else the machine does in between shows
 * in few of many short batches.
 */
import type { Churn } from '../workloads/churn.ts';
import { median } from './samples.ts';

/** Long enough for the clock, short enough that a collection or an interruption shows in few batches. */
export const BATCH_NS = 200_000;
export const MOST_PER_BATCH = 1000;

export function nsPerOperation(churn: Churn, operations: number): number {
  const start = performance.now();
  churn.run(operations);
  return ((performance.now() - start) * 1e6) / operations;
}

/**
 * Median time per operation over batches.
 * @param ns - time per operation as it is known, which sets the size of batches
 * @param mostOperations - that may be carried out
 */
export function medianBatchNs(churn: Churn, ns: number, roundMs: number, mostOperations: number): number {
  const batch = Math.max(1, Math.min(Math.floor(BATCH_NS / ns), MOST_PER_BATCH));
  const batches = Math.max(1, Math.floor(Math.min((roundMs * 1e6) / (ns * batch), mostOperations / batch)));
  return median(Array.from({ length: batches }, () => nsPerOperation(churn, batch)));
}

/** Median time per operation of the part, of so many of equal length, that took least. */
export function leastRoundNs(batchNs: Float64Array, rounds: number): number {
  const batches = Math.floor(batchNs.length / rounds);
  const medians = Array.from({ length: rounds }, (_, round) =>
    median(batchNs.subarray(round * batches, (round + 1) * batches)),
  );
  return Math.min(...medians);
}
