/**
 * What a replay runs on, wherever it came from: nodes in tie-break order and pods in the order they arrive.
 */

/** Shares of one GPU. @public */
export const GPU_MILLI = 1000;

/** A machine of the recorded cluster. @public */
export interface ClusterNode {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** GPU model; empty for a node without GPUs. */
  readonly model: string;
}

/** A pod of the recorded workload. @public */
export interface Pod {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  /** GPUs asked for; 0 = none. */
  readonly gpus: number;
  /** Share of each GPU, 1 to 1000; below 1000 only with one GPU. 0 without GPUs. */
  readonly gpuMilli: number;
  /** GPU models allowed; empty = any. */
  readonly models: readonly string[];
}

/** One input of a replay. @public */
export interface Workload {
  readonly name: string;
  readonly seed: number;
  /** In tie-break order: of equally good nodes the first wins. */
  readonly nodes: readonly ClusterNode[];
  /** The distinct pods, from which the typical pods of the fragmentation measure are taken. */
  readonly pods: readonly Pod[];
  /** Pods as they arrive, one after the other; they never leave. */
  readonly arrivals: readonly Pod[];
}
