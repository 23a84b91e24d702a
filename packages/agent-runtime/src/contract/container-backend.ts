/**
 * What the agent needs of a container runtime. All names on the host follow from the task id, so every operation can be
 * repeated, and `remove` cleans up after a crash at any point of any other operation.
 *
 * Order per container: `pull`, `create`, (facilities attach), `start`, `wait`, `remove`; `signal` and `exec` between `start` and the end.
 * An `AbortSignal` that fires makes the operation reject soon; what it left half-done is `remove`'s to clear.
 */
import type { AgentFeature, FeatureState, LogChunk, LogQuery, TaskImage } from '@stowage/protocol';
import type { CgroupPaths } from '../host/cgroup.ts';
import type { ContainerSpec, Image } from './container-spec.ts';

/** A container that exists and whose user code has not run yet, or runs. */
export interface LiveContainer {
  /** Of its first process, in the host's numbering. Its `/proc/<pid>/ns/net` is the container's network. */
  readonly pid: number;
  readonly cgroups: CgroupPaths;
}

export interface ContainerExit {
  /** 0 to 255; 128 + n after signal n. Undefined when nothing tells it any more. */
  readonly exitCode?: number;
  /** The kernel ended at least one of its processes for lack of memory. */
  readonly outOfMemory: boolean;
}

/** How a command has ended that ran in a container beside its first process. */
export interface CommandEnd {
  /** 0 to 255; 128 + n after signal n. */
  readonly exitCode: number;
  /** The last of both its streams, mixed, at most 4 KiB. */
  readonly output: string;
}

/** What a backend finds of its own on the host, after a restart. */
export type FoundContainer =
  /** Made, but `start` was not carried out. */
  | {
      readonly id: string;
      readonly state: 'created';
      readonly live: LiveContainer;
      readonly createdMs: number;
    }
  | {
      readonly id: string;
      readonly state: 'running';
      readonly live: LiveContainer;
      readonly createdMs: number;
    }
  | {
      readonly id: string;
      readonly state: 'exited';
      readonly exit: ContainerExit;
      readonly createdMs: number;
    }
  /** Pieces that are no container (any more): a mount, a folder, a cgroup. */
  | { readonly id: string; readonly state: 'remains'; readonly createdMs: number };

/** How a backend tells that what was asked for cannot work, so that trying again is no use. */
export class InvalidContainerError extends Error {
  override readonly name = 'InvalidContainerError';
}

/** How a backend or facility tells that this agent cannot do what was asked for, and another may. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

export interface ContainerBackend {
  readonly name: string;

  /** What this backend can do on this host. Features that it does not name are not its own. */
  probe(): Promise<Partial<Record<AgentFeature, FeatureState>>>;

  /**
   * Brings an image to this host, or finds it there: an image given by digest is taken from the cache. Tries again with
   * growing delays while the registry fails; not when it answers that there is no such image.
   * @throws InvalidContainerError when the reference is malformed or the registry has no such image
   */
  pull(image: TaskImage, signal: AbortSignal): Promise<Image>;

  /**
   * Makes the container with its first process, limits and an empty network; no code of the user runs before `start`.
   * @throws InvalidContainerError when the user, a path or a limit cannot work
   */
  create(spec: ContainerSpec, signal: AbortSignal): Promise<LiveContainer>;

  /**
   * Lets the user's code run. Resolves when it does, as far as that can be told.
   * @throws InvalidContainerError when the executable is missing or is none
   */
  start(id: string, signal: AbortSignal): Promise<void>;

  /** Resolves when the container has ended, at once if it already has. Works for adopted containers too. */
  wait(id: string, signal: AbortSignal): Promise<ContainerExit>;

  /** Sends a signal to the first process. Does nothing if the container is gone or has ended. */
  signal(id: string, signal: string): Promise<void>;

  /**
   * Runs a command in a container whose code runs: as the user and with the folder, variables, capabilities, limits and
   * filters of its first process, in its namespaces and cgroups. Resolves when the command has ended and what it has
   * started no longer holds its output. A program that is not there is an error or ends with 126 or 127.
   *
   * An abort ends the command and its process group with SIGKILL; children that left the group end with the container.
   * Asked for only of backends that report the feature `pre-stop`.
   * @throws Error when the container does not run or the command cannot be run; `signal.reason`
   */
  exec(id: string, args: readonly string[], signal: AbortSignal): Promise<CommandEnd>;

  /**
   * Ends it if need be and frees all that it holds but its logs: processes, mounts, cgroups, files. Idempotent; also
   * for an id that was never used.
   */
  remove(id: string): Promise<void>;

  /** All that this backend finds of its own. Other people's containers are not its own. */
  list(): Promise<readonly FoundContainer[]>;

  /**
   * What the container has written, oldest first. Also after `remove`, until `removeLogs`.
   */
  logs(id: string, query: LogQuery): AsyncIterable<LogChunk>;

  /** Idempotent. */
  removeLogs(id: string): Promise<void>;

  /** Ends connections and timers of this process; containers stay as they are. */
  close(): Promise<void>;
}
