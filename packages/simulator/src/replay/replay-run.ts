/**
 * What one replay reports.
 */

/** Why pods were not placed: a one-line reason and how many pods it applies to. @public */
export interface FailureCount {
  readonly reason: string;
  readonly pods: number;
}

/** How full a node is at the end. @public */
export interface NodeFill {
  readonly name: string;
  readonly model: string;
  readonly cpuMilli: number;
  readonly cpuMilliUsed: number;
  readonly memoryMiB: number;
  readonly memoryMiBUsed: number;
  /** Used milli-GPU per GPU, 0 to 1000. */
  readonly gpuMilliUsed: readonly number[];
}

/** @public */
export interface ReplayRun {
  readonly workload: string;
  readonly policy: string;
  readonly seed: number;
  /** Allocated GPU capacity in %, by arrived GPU capacity rounded to whole % (0 to 130). */
  readonly allocation: readonly number[];
  /** Fragmented GPU capacity in %, by the same. */
  readonly fragmentation: readonly number[];
  readonly placed: number;
  readonly failed: number;
  /** Time spent deciding and booking, without reading input and measuring. */
  readonly seconds: number;
  /** Most frequent first. */
  readonly failures: readonly FailureCount[];
  readonly nodes: readonly NodeFill[];
}
