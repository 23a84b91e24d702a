/**
 * A job without its tasks, as it is stored and shown: immutable plain data.
 */
import type { JobSpec } from '../spec/job-spec.ts';
import type { TransitionSource } from './task-reasons.ts';

/** @public */
export type JobStateName = 'accepted' | 'kill-initiated' | 'finished';

/** @public */
export interface JobTransition {
  readonly state: JobStateName;
  /** `finished`: `normal` when all tasks were, `failed` when one was not, `killed` on request. */
  readonly reason: 'created' | 'killed' | 'normal' | 'failed';
  readonly source: TransitionSource;
  readonly atMs: number;
}

/** Evictions at one moment; those of the last hour are kept, for rates. @public */
export interface EvictionCount {
  readonly atMs: number;
  readonly count: number;
}

/** @public */
export interface JobRecord {
  readonly id: string;
  /** What was asked for, with later changes of capacity, processes, attributes and budget. */
  readonly spec: JobSpec;
  readonly status: JobTransition;
  readonly history: readonly JobTransition[];
  /** Serial number of the next task. */
  readonly nextSerial: number;
  /** Time-outs are counted from here for states that began before: nobody has listened in between. */
  readonly restoredAtMs: number;
  readonly evictions: readonly EvictionCount[];
}
