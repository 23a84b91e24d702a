/**
 * What the conformance suites report. One error with all broken promises, so that an author sees the whole list
 * at once and any test runner shows it.
 */

/**
 * A promise of the plug-in contract.
 *
 * - `works`: no exception, also when bound for classes without labels or demands.
 * - `pure`: the same answer however often, in whatever order and batch it is asked; nothing is changed.
 * - `valid`: constraints answer 0 or a positive integer, fitness calculators a safe integer.
 * - `range`: scores stay within the range declared.
 * - `dependency`: answers change only with what `dependsOn` names.
 * - `grouped`: agents with equal values of the attributes in `groupedBy` get equal answers.
 * - `exclusion`: a constraint refuses exactly the agents on which tasks are that it declares to exclude.
 * - `tightening`: placing a task makes no constraint with `onlyTightens` accept an agent that it refused.
 * - `additive`: on agents with equal totals, scores are ordered as the declared load.
 * - `structure`: the engine decides the same as with the plug-in declared to depend on `anything`.
 * @public
 */
export type ContractPromise =
  | 'works'
  | 'pure'
  | 'valid'
  | 'range'
  | 'dependency'
  | 'grouped'
  | 'exclusion'
  | 'tightening'
  | 'additive'
  | 'structure';

/** A broken promise and how it showed. @public */
export interface Violation {
  readonly promise: ContractPromise;
  readonly message: string;
}

/** Thrown by the conformance suites. @public */
export class ConformanceError extends Error {
  /** At most one per promise, for the shortest history found. */
  readonly violations: readonly Violation[];

  constructor(plugin: string, violations: readonly Violation[]) {
    const list = violations.map(({ promise, message }) => `\n- ${promise}: ${message}`).join('');
    super(`plug-in "${plugin}" breaks the contract:${list}`);
    this.name = 'ConformanceError';
    this.violations = violations;
  }
}

/** What went wrong, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
