/**
 * What the conformance suite of agents is made of. A case is a name and a function that throws when a promise of the
 * contract is broken; it needs no test runner.
 */
import type { FeatureLevel, AgentFeature, TaskImage, TaskRuntime, TaskSpec } from '@stowage/protocol';
import type { StatusRecorder } from './status-recorder.ts';

/** What an implementer gives to the suite. @public */
export interface TaskRuntimeFixture {
  /** Opens an agent on the fixture's state, which later calls find again. One is open at a time. */
  open(): Promise<TaskRuntime>;
  /** Ends the agent without a farewell, as a crash would; containers stay. Default: `close()`. */
  crash?(runtime: TaskRuntime): Promise<void>;
  /**
   * An image with busybox at `/bin`, users `root` and `app` (1000), the variable `FROM_IMAGE=yes` and no entrypoint.
   */
  readonly image: TaskImage;
  /** A well-formed image that does not exist. */
  readonly missingImage: TaskImage;
  /** All objects of tasks on the host, as lines of text: the suite compares before and after. */
  hostObjects(): Promise<readonly string[]>;
  /** Security groups that tasks with an address may use. Default: network cases are left out. */
  readonly securityGroups?: readonly string[];
}

/** One promise. @public */
export interface TaskRuntimeCase {
  readonly name: string;
  /**
   * @returns why the case does not apply to this agent, or undefined when the promise holds
   * @throws RuntimeConformanceError when it is broken
   */
  run(): Promise<string | undefined>;
}

/** What a case works with. */
export interface CaseContext {
  readonly fixture: TaskRuntimeFixture;
  runtime: TaskRuntime;
  readonly recorder: StatusRecorder;
  /** A spec of a task of its own that runs `script` with `/bin/sh`. */
  readonly shell: (script: string, more?: Partial<TaskSpec>) => TaskSpec;
  /** Launches it and waits until it has finished. */
  readonly run: (spec: TaskSpec) => Promise<void>;
  /** What the task has written to standard output. */
  readonly output: (taskId: string) => Promise<string>;
  readonly restart: (how: 'close' | 'crash') => Promise<void>;
}

/** A promise, as the files of cases describe it. */
export interface Promised {
  readonly name: string;
  /** Features without which the promise cannot be given, with the level that is needed. */
  readonly needs?: Partial<Record<AgentFeature, FeatureLevel>>;
  /** @returns why it cannot be tried with this fixture or agent; undefined when it was */
  readonly check: (context: CaseContext) => Promise<string | undefined | void>;
}
