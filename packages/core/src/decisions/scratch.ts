/**
 * Buffers and counters that all decisions of an engine share.
 */
import { STRUCTURE_NAMES } from '../structures/structure-name.ts';

export class Scratch {
  /** As long as the agent table has capacity. */
  declare rows: Int32Array;
  declare changed: Int32Array;
  declare scores: Float64Array;
  /** For passes over one row. */
  readonly single: Int32Array = new Int32Array(1);
  readonly columns: Int32Array[] = [];
  /** Decisions made so far; while it stays the same, plug-ins stay prepared. */
  decision = 0;
  /** Agents whose constraints and scores were computed in all decisions so far; remembered ones do not count. */
  evaluations = 0;
  /** Decisions by number of the structure that made them. */
  readonly decisionsBy: Float64Array = new Float64Array(STRUCTURE_NAMES.length);
  /** Agents with enough of all that was asked for in the last scan, whatever plug-ins said. */
  fitting = 0;
  /** Decisions that were known to find nothing. */
  remembered = 0;
  /** Nodes of indexes and trees that were looked at in all decisions so far. */
  visits = 0;

  constructor(capacity: number) {
    this.rows = new Int32Array(capacity);
    this.changed = new Int32Array(capacity);
    this.scores = new Float64Array(capacity);
  }

  resize(capacity: number): void {
    this.rows = new Int32Array(capacity);
    this.changed = new Int32Array(capacity);
    this.scores = new Float64Array(capacity);
  }
}
