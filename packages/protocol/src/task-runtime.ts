/**
 * The contract of an agent: task specs in, one stream of statuses out. The conformance suite in `@stowage/testing`
 * holds an implementation to it.
 */
import type { FeatureReport } from './agent-features.ts';
import type { TaskSpec } from './task-spec.ts';
import type { TaskState, TaskStatus } from './task-status.ts';

declare global {
  /** Merges with the platform's own; without a platform's types there is at least the name. */
  interface AbortSignal {
    readonly aborted: boolean;
  }
}

/** @public */
export interface KillOptions {
  /** Instead of the spec's `graceMs`; 0 kills at once, without the hook `preStop`. */
  readonly graceMs?: number;
}

/** A piece of what the processes of a task have written. @public */
export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly timestampMs: number;
  /** Bytes as they were written, decoded as UTF-8; a line may come in several chunks. */
  readonly text: string;
}

/** @public */
export interface LogQuery {
  /** Goes on until the task has finished. Default false: what is there now. */
  readonly follow?: boolean;
  readonly stream?: 'stdout' | 'stderr';
  /** Only the newest lines. Default: all that rotation has kept. */
  readonly tailLines?: number;
  readonly signal?: AbortSignal;
}

/** @public */
export interface TaskRuntime {
  /** What this agent enforces, emulates or cannot do. */
  features(): FeatureReport;

  /**
   * Takes a task. Resolves when it is `accepted` and safe in the journal; everything later is told by statuses.
   * Launching an equal spec again is no error and changes nothing.
   * @throws AgentError `INVALID_TASK_SPEC`, `FEATURE_UNAVAILABLE`, `TASK_EXISTS` (another spec under this id),
   * `AGENT_FENCED`, `AGENT_CLOSED`; nothing has changed then and no status is said
   */
  launch(spec: TaskSpec): Promise<void>;

  /**
   * Ends a task in whatever stage it is. Resolves when the wish is safe in the journal. A second call may only shorten
   * the grace, which also ends a `preStop` hook that runs; of a finished task it does nothing.
   * @throws AgentError `UNKNOWN_TASK`, `INVALID_OPTION`
   */
  kill(taskId: string, options?: KillOptions): Promise<void>;

  /**
   * All statuses with a sequence above `after`, then those to come, each once and in order, until `signal` aborts or
   * the agent closes. A reader that keeps the last sequence it has handled misses none and sees none twice, also when
   * the agent crashes in between.
   * @throws AgentError `INVALID_OPTION`, or `STATUS_EXPIRED` when what follows `after` was forgotten
   */
  statuses(options?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<TaskStatus>;

  /** The tasks that the agent knows, finished ones until they are forgotten. */
  tasks(): readonly { readonly spec: TaskSpec; readonly state: TaskState }[];

  /** @throws AgentError `UNKNOWN_TASK` */
  logs(taskId: string, query?: LogQuery): AsyncIterable<LogChunk>;

  /**
   * Drops the journal and logs of a finished task; its id may be used again only by a mistake of the caller.
   * @throws AgentError `UNKNOWN_TASK`, `TASK_NOT_FINISHED`
   */
  forget(taskId: string): Promise<void>;

  /** Stops serving and leaves the containers as they are: the next agent on this state folder adopts them. */
  close(): Promise<void>;
}
