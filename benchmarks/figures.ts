/**
 * What the suite measures and what comes out: every measurement gives figures, one JSON object a line. All times are
 * in nanoseconds per operation unless the name says otherwise.
 */
import type { CaseName } from './workloads/cases.ts';

export const PARTS = ['churn', 'latency', 'cold', 'object', 'micro', 'replay'] as const;
export type Part = (typeof PARTS)[number];

/** One process each; plain data, since it is handed to that process. */
export type Measurement =
  | {
      readonly part: 'churn' | 'latency' | 'cold' | 'object';
      readonly case: CaseName;
      readonly agents: number;
      readonly quick: boolean;
    }
  | { readonly part: 'micro'; readonly agents: number; readonly quick: boolean }
  | { readonly part: 'replay'; readonly agents: number; readonly scale: number }
  | GateMeasurement;

/** What the gates of continuous integration ask about a case. */
export interface GateMeasurement {
  readonly part: 'gate';
  readonly case: CaseName;
  readonly agents: number;
  /** Sizes to compare for the growth of the time; undefined = not asked. */
  readonly growth: readonly [from: number, to: number] | undefined;
}

export interface Figure {
  readonly part: Part | 'gate';
  readonly case: string;
  readonly agents: number;
  /** False when engine and yardstick decided differently; missing where there is nothing to compare. */
  readonly sameAssignments?: boolean;
}

/** Release one task and place one: the row-number API in steady state. */
export interface ChurnFigure extends Figure {
  readonly part: 'churn';
  readonly case: CaseName;
  readonly resources: number;
  readonly shapes: number;
  /** By the median time. */
  readonly opsPerSecond: number;
  /** Median and 99th percentile over batches of about 0.2 ms; the 10th is what a busy machine gives when it is quiet. */
  readonly nsP50: number;
  readonly nsP99: number;
  readonly nsP10: number;
  /** Null where it cannot be told, as where operations take too long. */
  readonly bytesPerOp: number | null;
  /** Speed relative to the plain scan of the same engine, measured in turns: 10 = a tenth of the time. */
  readonly ratioToScan: number;
  /**
   * Time per operation divided by that of the same algorithm in C, of both the turn that took least; null where there is no
   * such measurement.
   */
  readonly ratioToC: number | null;
  /** Operations per second that the design asks for; null = measured only. */
  readonly target: number | null;
  readonly structure: string;
  /** Agents looked at per operation. */
  readonly evaluationsPerOp: number;
  readonly tasks: number;
  /** Part of the operations that found no agent. */
  readonly missShare: number;
  /** Operations that the scan was compared on, and the hash of their assignments, in hexadecimal. */
  readonly comparedOps: number;
  readonly hash: string;
  readonly sameAssignments: boolean;
}

/** Every operation timed by itself; what reading the clock takes is subtracted. */
export interface LatencyFigure extends Figure {
  readonly part: 'latency';
  readonly case: CaseName;
  readonly nsP50: number;
  readonly nsP99: number;
  readonly nsP999: number;
  readonly nsMax: number;
  readonly nsTimer: number;
  readonly samples: number;
}

/** The first operations of a fresh process that takes over a cluster in use, as after a restart. */
export interface ColdFigure extends Figure {
  readonly part: 'cold';
  readonly case: CaseName;
  readonly tasks: number;
  /** Agents added, classes defined, tasks adopted. */
  readonly msTakeOver: number;
  /** The slowest of the first 100 operations: the one that builds an index, if one is built. */
  readonly msSlowestOp: number;
  /** The same for a second engine in the process, when the code is compiled. */
  readonly msSlowestOpWarm: number;
  /** Mean times; null when it took too long to come that far. */
  readonly nsOpsTo100: number;
  readonly nsOpsTo1k: number | null;
  readonly nsOpsTo10k: number | null;
  readonly nsOpsTo50k: number | null;
  readonly nsOpsTo200k: number | null;
}

/** The same churn by one of the interfaces of the library. */
export interface ObjectFigure extends Figure {
  readonly part: 'object';
  readonly case: CaseName;
  readonly by: string;
  readonly opsPerSecond: number;
  readonly nsP50: number;
  readonly bytesPerOp: number | null;
  /** Over the row-number API, per operation and as a multiple. */
  readonly nsOverRows: number;
  readonly timesRows: number;
}

/** One part of an operation by itself. */
export interface MicroFigure extends Figure {
  readonly part: 'micro';
  readonly opsPerSecond: number;
  readonly nsP50: number;
  readonly nsP99: number;
}

/** All arrivals of a recorded-like workload, by the engine and by the oracle. */
export interface ReplayFigure extends Figure {
  readonly part: 'replay';
  readonly arrivals: number;
  readonly engineSeconds: number;
  readonly oracleSeconds: number;
  readonly ratio: number;
  readonly sameAssignments: boolean;
}

/** Ratios, work and bytes of a case, none of which depends on how fast the machine is. */
export interface GateFigure extends Figure {
  readonly part: 'gate';
  readonly case: CaseName;
  readonly ratioToScan: number;
  readonly bytesPerOp: number | null;
  readonly evaluationsPerOp: number;
  /** Time per operation at the greater size, divided by that at the smaller; null = not asked. */
  readonly growth: number | null;
  readonly sameAssignments: boolean;
}

export type AnyFigure =
  ChurnFigure | LatencyFigure | ColdFigure | ObjectFigure | MicroFigure | ReplayFigure | GateFigure;
