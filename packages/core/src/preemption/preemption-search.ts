/**
 * The best set of victims over all agents, by iterative deepening: first over the highest priority of a victim, then
 * over their number; the first number for which any agent has a set is the least. Agents are visited in the order of
 * the least sum of priorities that they could need, so that a set that was found ends the visit.
 *
 * Should the trial be spent before that, what was found so far counts, else what a greedy pass finds.
 */
import type { PreemptionCase, PreemptionContext } from './preemption-case.ts';
import { greedyVictims } from './preemption-greedy.ts';
import { RowProblem } from './preemption-row.ts';
import { RowSearch, type VictimSet } from './preemption-row-search.ts';
import type { PreemptionTrial } from './preemption-trial.ts';

/** An agent on one level. */
interface Visit {
  readonly one: PreemptionCase;
  readonly least: number;
  readonly most: number;
  /** Made when it is needed. */
  problem?: RowProblem;
}

export class PreemptionSearch {
  readonly #context: PreemptionContext;
  readonly #cases: readonly PreemptionCase[];
  readonly #trial: PreemptionTrial;

  constructor(context: PreemptionContext, cases: readonly PreemptionCase[], trial: PreemptionTrial) {
    this.#context = context;
    this.#cases = cases;
    this.#trial = trial;
  }

  /** Undefined when no agent has a set of victims, or none was found before the trial was spent. */
  run(): VictimSet | undefined {
    for (const level of this.#levels()) {
      const visits = this.#visitsAt(level);
      const most = visits.reduce((greatest, visit) => Math.max(greatest, visit.most), 0);
      for (let count = 1; count <= most && !this.#trial.isSpent; count++) {
        const best = this.#bestOf(visits, count, level);
        if (best !== undefined) return best;
      }
      if (this.#trial.isSpent) return greedyVictims(this.#cases, this.#trial);
    }
    return undefined;
  }

  /** Priorities that the highest victim may have, ascending. */
  #levels(): number[] {
    const levels = new Set<number>();
    for (const { lowestLevel, priorities } of this.#cases) {
      levels.add(lowestLevel);
      if (this.#context.isMonotone) continue;
      for (const priority of priorities) if (priority > lowestLevel) levels.add(priority);
    }
    return [...levels].sort((a, b) => a - b);
  }

  #visitsAt(level: number): Visit[] {
    const { isMonotone } = this.#context;
    const visits: Visit[] = [];
    for (const one of this.#cases) {
      const isEligible = isMonotone
        ? one.lowestLevel === level
        : one.lowestLevel <= level && one.priorities.includes(level);
      if (!isEligible) continue;
      this.#trial.spend(one.indices.length);
      visits.push({ one, least: one.leastVictims(level), most: one.countUpTo(level) });
    }
    return visits;
  }

  /** The best set of just so many victims. */
  #bestOf(visits: readonly Visit[], count: number, level: number): VictimSet | undefined {
    const inOrder = visits
      .filter(({ least, most }) => least <= count && count <= most)
      .map((visit) => ({ visit, leastSum: visit.one.leastSum(count) }))
      .sort((a, b) => a.leastSum - b.leastSum || a.visit.one.row - b.visit.one.row);
    let best: VictimSet | undefined;
    for (const { visit, leastSum } of inOrder) {
      if (this.#trial.isSpent) break;
      const limit = best === undefined ? Infinity : visit.one.row < best.row ? best.sum + 1 : best.sum;
      if (leastSum < limit) best = this.#bestOn(visit, { count, level, limit }) ?? best;
    }
    return best;
  }

  #bestOn(
    visit: Visit,
    { count, level, limit }: { count: number; level: number; limit: number },
  ): VictimSet | undefined {
    if (visit.problem === undefined) {
      this.#trial.spend(10 * visit.one.indices.length);
      visit.problem = new RowProblem(this.#context, visit.one, level);
    }
    const { problem } = visit;
    if (count < problem.least || count > problem.most || problem.leastSum(count) >= limit) return undefined;
    const { ledger, isMonotone } = this.#context;
    return new RowSearch(problem, ledger, this.#trial, { count, limit, isMonotone }).run();
  }
}
