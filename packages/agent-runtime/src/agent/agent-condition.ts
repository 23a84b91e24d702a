/** What an operator should know of an agent, as plain data. */
import type { Fence } from './fences.ts';
import type { Orphan } from './reaper.ts';
import type { Trouble } from './task.ts';

/** @public */
export interface AgentCondition {
  /** Why no tasks are taken; empty = they are. */
  readonly fences: readonly Fence[];
  /** Journals that cannot be trusted. Their containers are left alone, and nothing is swept, until they are repaired or taken away while the agent is stopped. */
  readonly quarantined: readonly {
    readonly taskId: string;
    readonly path: string;
    readonly reason: string;
  }[];
  /** Tasks that do not get on, with the step that fails. It is tried again until it succeeds. */
  readonly troubles: readonly ({ readonly taskId: string } & Trouble)[];
  /** Containers of this agent without a journal; those that are held wait for `confirmOrphans`. */
  readonly orphans: readonly Orphan[];
}
