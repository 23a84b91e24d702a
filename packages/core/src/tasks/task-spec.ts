/**
 * Agents and tasks as users of the object API name them.
 */
import type { AgentShape, TaskRequirements } from '../resources/specs.ts';

/** An agent with its id. @public */
export interface AgentSpec extends AgentShape {
  readonly id: string;
}

/** A task with its id. @public */
export interface TaskSpec extends TaskRequirements {
  readonly id: string;
  /** The only agent that will do: the task is pinned to it. Default: any. */
  readonly agent?: string;
}
