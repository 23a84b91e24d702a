/**
 * How long a cell is measured. The full suite has some sixty cells and is to end within twelve minutes; the quick one
 * only shows that everything runs and agrees.
 */

export interface Budget {
  /** Turns of engine and scan; the ratio is the median over them. */
  readonly rounds: number;
  readonly engineRoundMs: number;
  readonly scanRoundMs: number;
  readonly engineWarmUpMs: number;
  readonly scanWarmUpMs: number;
  /** The most operations of the scan. */
  readonly scanOperations: number;
}

const FULL: Budget = {
  rounds: 15,
  engineRoundMs: 60,
  scanRoundMs: 30,
  engineWarmUpMs: 600,
  scanWarmUpMs: 150,
  scanOperations: 20_000,
};

const QUICK: Budget = {
  rounds: 5,
  engineRoundMs: 20,
  scanRoundMs: 10,
  engineWarmUpMs: 100,
  scanWarmUpMs: 30,
  scanOperations: 5000,
};

/** For the gates: many short turns, of which the median stands whatever happens to some of them. */
export const GATE_BUDGET: Budget = {
  rounds: 9,
  engineRoundMs: 30,
  scanRoundMs: 15,
  engineWarmUpMs: 300,
  scanWarmUpMs: 60,
  scanOperations: 10_000,
};

export function budget(quick: boolean): Budget {
  return quick ? QUICK : FULL;
}
