/**
 * What a simulated cell comes to: plain data for tables, plots and comparisons. All of it follows from scenario and
 * seed, but for `wallMs`. Times are milliseconds since the beginning of the scenario.
 */
import type { OutcomesReading, TaskEndReason } from '@stowage/jobs';
import type { TaskState } from '@stowage/protocol';
import type { CellAction } from './scenario.ts';

/** @public */
export interface CellRun {
  readonly scenario: { readonly name: string; readonly title: string; readonly durationMs: number };
  readonly seed: number;
  readonly samples: readonly CellSample[];
  readonly totals: CellTotals;
  /** Availability, crash rate and start latency as of the end; after restarts of the master, since the last one. */
  readonly outcomes: OutcomesReading;
  readonly milestones: readonly MilestoneReading[];
  readonly marks: readonly CellMark[];
  readonly trace: {
    readonly events: number;
    /** SHA-256 over all events, in hex: equal for equal runs. */
    readonly hash: string;
  };
  /** How long the simulation took: the one thing that is not reproducible. */
  readonly wallMs: number;
}

/** The cell at a moment, and what happened since the sample before. @public */
export interface CellSample {
  readonly atMs: number;
  /** Tasks that wait for an agent. */
  readonly queued: number;
  /** Tasks that are not finished, by state. */
  readonly tasks: Readonly<Record<Exclude<TaskState, 'finished'>, number>>;
  readonly activeJobs: number;
  readonly pools: Readonly<Record<string, PoolSample>>;
  /**
   * Booked share of what agents in service have, 0 to 1, by resource: `cpu`, `memory`, `disk`, `network`, `gpu`, `eni`.
   * Empty while the master is down.
   */
  readonly utilisation: Readonly<Record<string, number>>;
  /** In the interval: tasks placed, and how long they had waited in the queue; undefined when there were none. */
  readonly placed: number;
  readonly waitMs: Percentiles | undefined;
  /** In the interval: tasks that came to `started`, and how long that took from `accepted`. */
  readonly started: number;
  readonly startMs: Percentiles | undefined;
  /** In the interval, by reason; those that did not occur are left out. */
  readonly ends: Readonly<Partial<Record<TaskEndReason, number>>>;
  readonly evictions: number;
  /** Tasks in a crash loop, now. */
  readonly crashLoops: number;
  /** Images pulled, interfaces set up and re-bound, in the interval. */
  readonly imagePulls: number;
  readonly interfaceSetUps: number;
  readonly interfaceRebinds: number;
}

/** Agents of a pool by what they do; their sum is the size of the pool, those that boot left out. @public */
export interface PoolSample {
  readonly busy: number;
  readonly idle: number;
  /** Takes no new tasks and still runs some, or is about to leave. */
  readonly draining: number;
  /** Ordered and not there yet. */
  readonly starting: number;
}

/** By nearest rank. @public */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** @public */
export interface CellTotals {
  readonly jobsSubmitted: number;
  readonly jobsFinished: number;
  readonly tasksCreated: number;
  readonly launches: number;
  readonly starts: number;
  readonly ends: Readonly<Partial<Record<TaskEndReason, number>>>;
  readonly evictions: number;
  /** Chains that came into a crash loop. */
  readonly crashLoops: number;
  readonly kills: number;
  readonly imagePulls: number;
  readonly interfaceSetUps: number;
  readonly interfaceRebinds: number;
  readonly agentsBooted: number;
  readonly agentsRemoved: number;
  readonly agentsLost: number;
  /** Tries to place a task that found no agent. */
  readonly placementFailures: number;
  readonly schedulingCycles: number;
  readonly masterRestarts: number;
  /** Events that job managers refused, by code: late and double messages mostly. */
  readonly rejections: Readonly<Record<string, number>>;
}

/** @public */
export interface MilestoneReading {
  readonly name: string;
  readonly count: number;
  readonly fromMs: number;
  /** How many tasks had come to the state by the end, at most `count`. */
  readonly reached: number;
  /** When it was reached; undefined when it was not. */
  readonly atMs: number | undefined;
}

/** @public */
export interface CellMark {
  readonly atMs: number;
  readonly kind: CellAction['kind'];
  readonly label: string;
}

/** @public */
export interface CellProgress {
  readonly atMs: number;
  readonly durationMs: number;
  readonly events: number;
}

/** @public */
export interface CellOptions {
  /** An integer, of which the lowest 32 bits count. Default 42. */
  readonly seed?: number;
  /** Called about every virtual `progressMs`. */
  readonly onProgress?: (progress: CellProgress) => void;
  /** Default 600,000. */
  readonly progressMs?: number;
  /** Gets every event as a line of JSON, without its line end. */
  readonly traceSink?: (line: string) => void;
  /** Compares engine, queue, agents and job managers after every so many events; true = 1,000. Default: never. */
  readonly check?: boolean | number;
}
