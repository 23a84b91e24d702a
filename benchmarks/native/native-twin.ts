/**
 * The same churn in C: which workloads it covers, and runs of it. A run starts from the state that the churn of the
 * engine starts from; its hash after so many operations must be that of the engine, or the two are not the same
 * algorithm and their times mean nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineWork } from '@stowage/core';
import type { ChurnStart } from '../workloads/churn.ts';
import type { Workload } from '../workloads/workload.ts';
import { nativeProgram } from './native-program.ts';
import { writeTrace } from './trace-file.ts';

export const NATIVE_ALGORITHMS = ['scan', 'scan-by-vectors', 'class-tree', 'ordered-index'] as const;
export type NativeAlgorithm = (typeof NATIVE_ALGORITHMS)[number];

/** The first operations of a churn of the engine, and the hash of their assignments. */
export interface ComparedOperations {
  readonly operations: number;
  readonly hash: number;
}

export interface NativeBudget {
  readonly warmUpMs: number;
  readonly roundMs: number;
}

/** A tree per class takes memory; with more classes the engine does not use them either. */
const MOST_TREES = 1000;
/** Part of the decisions that one structure must have made for times to be those of one algorithm. */
const ALMOST_ALL = 0.95;

/** Whether the C program can run a workload; callbacks only where they are declared, since only then it knows them. */
export function isCovered({
  fitness,
  callback,
  constraint,
  soft,
  securityGroups,
  hopelessClass,
}: Workload): boolean {
  const isPlain = constraint === 'none' && soft === 'none' && securityGroups === 0 && !hopelessClass;
  return isPlain && (fitness === 'packing' || fitness === 'spreading' || callback === 'declared');
}

/** The algorithms that answer a workload in C. */
export function algorithmsFor({ fitness, shapes }: Workload): readonly NativeAlgorithm[] {
  const ranksByLoad = fitness === 'packing' || fitness === 'spreading';
  return NATIVE_ALGORITHMS.filter(
    (name) => (name !== 'ordered-index' || ranksByLoad) && (name !== 'class-tree' || shapes <= MOST_TREES),
  );
}

/** The structure that has made almost all decisions, as an algorithm; undefined if none has, or there is none in C. */
export function algorithmOf(decisionsBy: EngineWork['decisionsBy']): NativeAlgorithm | undefined {
  const all = Object.values(decisionsBy).reduce((sum, count) => sum + count, 0);
  return NATIVE_ALGORITHMS.find(
    (name) => name !== 'scan-by-vectors' && all > 0 && decisionsBy[name] / all >= ALMOST_ALL,
  );
}

export class NativeTwin {
  readonly #program: string;
  readonly #folder: string;
  readonly #trace: string;
  readonly #compared: ComparedOperations;
  readonly #checked = new Set<NativeAlgorithm>();

  private constructor(program: string, start: ChurnStart, compared: ComparedOperations) {
    this.#program = program;
    this.#compared = compared;
    this.#folder = mkdtempSync(join(tmpdir(), 'stowage-trace-'));
    this.#trace = join(this.#folder, 'trace');
    writeTrace(start, this.#trace);
  }

  /** Null for a workload that is not covered, and where there is no C compiler, which is said on standard error. */
  static of(start: ChurnStart, compared: ComparedOperations): NativeTwin | null {
    const program = isCovered(start.workload) ? nativeProgram() : null;
    return program === null ? null : new NativeTwin(program, start, compared);
  }

  /**
   * Runs a fresh churn in a process of its own.
   * @returns time per operation
   * @throws Error when it fails, or its assignments differ from those of the engine
   */
  nsPerOp(algorithm: NativeAlgorithm, { warmUpMs, roundMs }: NativeBudget): number {
    const operations = this.#checked.has(algorithm) ? 0 : this.#compared.operations;
    const numbers = [operations, warmUpMs, roundMs, 1];
    const { error, status, stdout, stderr } = spawnSync(
      this.#program,
      [this.#trace, algorithm, ...numbers.map(String)],
      { encoding: 'utf8' },
    );
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`the C program ended with code ${status}: ${stderr}`);
    const { hash, nsPerOp } = JSON.parse(stdout) as {
      readonly hash: string;
      readonly nsPerOp: readonly number[];
    };
    if (operations > 0 && parseInt(hash, 16) !== this.#compared.hash >>> 0)
      throw new Error(`${algorithm} in C decides ${operations} operations otherwise than the engine`);
    this.#checked.add(algorithm);
    return nsPerOp[0];
  }

  /** Deletes the trace. */
  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** The time that a scan cannot fall below, see `bandwidth.c`. */
export interface Bandwidth {
  readonly agents: number;
  readonly resources: number;
  readonly bytes: number;
  readonly nsPerPass: number;
  readonly gigabytesPerSecond: number;
}

/** Null where there is no C compiler. @throws Error when it fails */
export function bandwidth(agents: number, resources: number, ms: number): Bandwidth | null {
  const program = nativeProgram();
  if (program === null) return null;
  const numbers = [agents, resources, ms].map(String);
  const { status, stdout, stderr } = spawnSync(program, ['bandwidth', ...numbers], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the C program ended with code ${status}: ${stderr}`);
  return JSON.parse(stdout) as Bandwidth;
}
