/**
 * How the engine compares with the same algorithm in C: the same operations from the same state, with the same
 * assignments, in the same run. A ratio that was measured on another machine or another day would say nothing.
 */
import type { EngineWork } from '@stowage/core';
import { median, rounded } from './macro/samples.ts';
import { algorithmOf, type ComparedOperations, NativeTwin } from './native/native-twin.ts';
import type { ChurnStart } from './workloads/churn.ts';
import type { Workload } from './workloads/workload.ts';

/** A churn that the engine has run. */
export interface MeasuredChurn {
  readonly start: ChurnStart;
  /** Which structures decided. */
  readonly decisionsBy: EngineWork['decisionsBy'];
  /** The first operations and their hash, for C to be compared with. */
  readonly compared: ComparedOperations;
  /**
   * Time per operation of the engine, best the median of short batches, since that is what C gives. Called in turns
   * with the program in C, so best measured anew every time.
   */
  readonly nsPerOp: () => number;
}

const TURNS = 5;
const BUDGET = { warmUpMs: 30, roundMs: 40 };

/**
 * Time per operation of the engine, divided by that of the same algorithm in C: 1.5 = C is 1.5 times as fast. Median
 * over turns. Null without a measured churn, for a workload that the C program does not cover, where the structures
 * of the engine took turns, and where there is no C compiler.
 * @throws Error when C decides otherwise than the engine
 */
export function nativeRatio(_workload: Workload, churn?: MeasuredChurn): number | null {
  if (churn === undefined) return null;
  const algorithm = algorithmOf(churn.decisionsBy);
  if (algorithm === undefined) return null;
  const twin = NativeTwin.of(churn.start, churn.compared);
  if (twin === null) return null;
  try {
    const ratios: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) ratios.push(churn.nsPerOp() / twin.nsPerOp(algorithm, BUDGET));
    return rounded(median(ratios), 3);
  } finally {
    twin.close();
  }
}
