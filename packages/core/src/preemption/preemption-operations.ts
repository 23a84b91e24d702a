/**
 * Planning who has to leave for a task, and carrying a plan out. What the methods mean and throw stands at
 * `PlacementEngine`.
 */
import type { Decider } from '../decisions/decider.ts';
import { evictionOrder } from '../tasks/evictions.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { candidatesByRow } from './preemption-candidates.ts';
import { PreemptionCase, type PreemptionContext } from './preemption-case.ts';
import { needsOf } from './preemption-needs.ts';
import {
  type PreemptionOptions,
  type PreemptionPlan,
  requirePlan,
  requirePreemptionOptions,
  stale,
} from './preemption-plan.ts';
import { PreemptionSearch } from './preemption-search.ts';
import { PreemptionTrial } from './preemption-trial.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { show } from '../support/show.ts';

export class PreemptionOperations {
  readonly #schema: ResourceSchema;
  readonly #ledger: Ledger;
  readonly #decider: Decider;
  readonly #requireAgent: (row: number) => void;
  readonly #reserve: (classId: number, row: number) => number;

  constructor(
    schema: ResourceSchema,
    ledger: Ledger,
    decider: Decider,
    operations: { requireAgent: (row: number) => void; reserve: (classId: number, row: number) => number },
  ) {
    this.#schema = schema;
    this.#ledger = ledger;
    this.#decider = decider;
    this.#requireAgent = operations.requireAgent;
    this.#reserve = operations.reserve;
  }

  plan(classId: number, given: PreemptionOptions): PreemptionPlan | undefined {
    const ledger = this.#ledger;
    const decider = this.#decider;
    const options = requirePreemptionOptions(given);
    const bound = decider.boundOf(classId);
    if (options.row !== undefined) this.#requireAgent(options.row);
    const found = options.row === undefined ? decider.find(bound) : decider.findOn(bound, options.row);
    if (found >= 0) return { row: found, victims: [], exact: true };
    const context: PreemptionContext = {
      ledger,
      schema: this.#schema,
      newcomer: bound.taskClass,
      needs: needsOf(bound.taskClass, ledger),
      isMonotone: !bound.looksBeyondAttributes(decider.counters.repulsionsOf(bound.taskClass)),
    };
    const cases = [...candidatesByRow(ledger, decider, bound, options)]
      .map(([row, indices]) => new PreemptionCase(context, row, indices))
      .filter(({ lowestLevel }) => lowestLevel < Infinity);
    const trial = new PreemptionTrial(ledger, decider, bound, options.maxTests);
    const best = new PreemptionSearch(context, cases, trial).run();
    if (best === undefined) return undefined;
    const victims = [...best.indices]
      .sort((a, b) => evictionOrder(ledger, a, b))
      .map((index) => ({ handle: ledger.tasks.handleOf(index), priority: this.#priorityOf(index) }));
    return { row: best.row, victims, exact: !trial.isSpent };
  }

  /** Releases the victims and reserves their place, or changes nothing. @returns the handle of the reservation */
  carryOut(classId: number, plan: PreemptionPlan): number {
    const { row, victims } = requirePlan(plan);
    const { priority } = this.#decider.boundOf(classId).taskClass;
    const { agents, tasks } = this.#ledger;
    if (!agents.isPresent(row)) stale(`row ${show(row)} holds no agent any more`);
    this.#ledger.begin();
    try {
      for (const { handle } of victims) {
        if (!tasks.has(handle)) stale(`task ${show(handle)} is not placed any more`);
        const index = tasks.indexOf(handle);
        if (tasks.agentOf(index) !== row) stale(`task ${handle} is not on row ${row}`);
        if (this.#priorityOf(index) >= priority) stale(`task ${handle} has no lower priority`);
        this.#ledger.release(index);
      }
      const reservation = this.#reserve(classId, row);
      if (reservation < 0) stale(`row ${row} is not feasible without its victims any more`);
      this.#ledger.commit();
      return reservation;
    } catch (error) {
      this.#ledger.rollback();
      throw error;
    }
  }

  #priorityOf(index: number): number {
    return this.#ledger.classes[this.#ledger.tasks.classOf(index)]!.priority;
  }
}
