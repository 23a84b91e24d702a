/**
 * What calls of the object API return.
 */
import type { GateReason } from './agents/agent-gates.ts';
import type { StowageError } from './errors.ts';
import type { Eviction } from './tasks/evictions.ts';
import { describe, type Explanation } from './decisions/explanation.ts';

/** A task that was placed. @public */
export interface Placement {
  readonly task: string;
  readonly agent: string;
  /** Slot numbers taken, by resource set; only sets that the task asked for. */
  readonly slots: Readonly<Record<string, readonly number[]>>;
}

/**
 * A task that was not placed.
 * @public
 */
export class PlacementFailure {
  readonly task: string;
  /** Set when a plug-in failed, or when the task was not tried because its gang could not be placed. */
  readonly error: StowageError | undefined;
  readonly #explain: () => Explanation;
  #explanation: Explanation | undefined;

  constructor(task: string, explain: () => Explanation, error?: StowageError) {
    this.task = task;
    this.error = error;
    this.#explain = explain;
  }

  /** Which agents refuse the task and why, as of the first time this is read. O(agents) then. */
  get explanation(): Explanation {
    return (this.#explanation ??= this.#explain());
  }

  /** This failure, with its explanation taken now; an explanation that fails becomes the error. */
  explained(): PlacementFailure {
    if (this.error !== undefined) return this;
    try {
      void this.explanation;
      return this;
    } catch (error) {
      return new PlacementFailure(this.task, this.#explain, error as StowageError);
    }
  }

  /** The error or the explanation in one line. */
  get reason(): string {
    return this.error?.message ?? describe(this.explanation);
  }
}

/** @public */
export interface ScheduleResult {
  /** In the order of the tasks given. */
  readonly placements: readonly Placement[];
  /** In the order of the tasks given. */
  readonly failures: readonly PlacementFailure[];
}

/** A task that should leave its agent, by id. @public */
export interface TaskEviction {
  readonly task: string;
  readonly agent: string;
  readonly reason: Eviction['reason'];
}

/** An agent in service. @public */
export interface AgentStatus {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Tasks booked there, reservations included. */
  readonly taskCount: number;
  /** Why it takes no new tasks; missing when it takes some. */
  readonly closed?: GateReason;
}
