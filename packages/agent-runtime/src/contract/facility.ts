/**
 * A facility gives every task something of the host beyond the container itself: an address, CPUs, credentials. The
 * agent calls facilities in order when it prepares and attaches a task, and in reverse order when it releases one.
 */
import type { AgentFeature, FeatureState, TaskSpec } from '@stowage/protocol';
import type { LiveContainer } from './container-backend.ts';
import type { ContainerMount, CpuLimits } from './container-spec.ts';

/** What a facility adds to the container and to the task's journal. */
export interface Contribution {
  readonly environment?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly mounts?: readonly ContainerMount[];
  readonly cpu?: CpuLimits;
  /** Of the task's own; goes into statuses. */
  readonly address?: string;
  /** What `adopt` and `release` need after a restart: JSON. */
  readonly data?: unknown;
}

export interface Facility {
  /** Stands in the journal. */
  readonly name: string;

  probe(): Promise<Partial<Record<AgentFeature, FeatureState>>>;

  /**
   * Reserves what the task needs, before its container exists; undefined when the task needs nothing of it.
   * The agent has written the task to the journal before, and writes the contribution after.
   * @throws InvalidContainerError when the request can never work
   */
  prepare(task: TaskSpec, signal: AbortSignal): Promise<Contribution | undefined>;

  /** Connects the container that now exists with what `prepare` reserved, before the user's code runs. */
  attach(task: TaskSpec, container: LiveContainer, signal: AbortSignal): Promise<void>;

  /**
   * After a restart: takes over what a live task holds, as `prepare` contributed it. `container` is undefined when the
   * agent crashed before there was one; `release` follows then.
   */
  adopt(task: TaskSpec, data: unknown, container: LiveContainer | undefined): Promise<void>;

  /** Frees what the task holds. Idempotent; also after a `prepare` that failed half-way, and for a task it never saw. */
  release(taskId: string): Promise<void>;

  /**
   * Once after a restart, when all live tasks were adopted: removes what no live task holds.
   * Only things that carry this facility's own mark.
   */
  sweep(): Promise<void>;

  close(): Promise<void>;
}
