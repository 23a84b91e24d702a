/**
 * How the engine compares with the same algorithm in C: the same operations from the same state, with the same
 * assignments, in the same run. A ratio that was measured on another machine or another day would say nothing.
 */
import type { EngineWork } from '@stowage/core';
import { rounded } from './macro/samples.ts';
import { algorithmOf, type ComparedOperations, NativeTwin } from './native/native-twin.ts';
import type { ChurnStart } from './workloads/churn.ts';

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

export const TURNS = 7;
const BUDGET = { warmUpMs: 30, roundMs: 40 };

/**
 * Time per operation of the engine, divided by that of the same algorithm in C: 1.5 = C is 1.5 times as fast. Of both, the turn
 * that took least: whoever else uses the machine only ever lengthens one. Null for a workload that the C program does not
 * cover, where the structures of the engine took turns, and where there is no C compiler.
 * @throws Error when C decides otherwise than the engine
 */
export function nativeRatio(churn: MeasuredChurn): number | null {
  const algorithm = algorithmOf(churn.decisionsBy);
  if (algorithm === undefined) return null;
  const twin = NativeTwin.of(churn.start, churn.compared);
  if (twin === null) return null;
  try {
    let own = Infinity;
    let native = Infinity;
    for (let turn = 0; turn < TURNS; turn++) {
      own = Math.min(own, churn.nsPerOp());
      native = Math.min(native, twin.nsPerOp(algorithm, BUDGET));
    }
    return rounded(own / native, 3);
  } finally {
    twin.close();
  }
}
