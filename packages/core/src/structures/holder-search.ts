/**
 * Looks among the agents that have a label in use for one that ranks before the best of all others. A holder's score
 * tells whether it does, and whether it can have room; only what is left is asked about.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { Scratch } from '../decisions/scratch.ts';
import type { ClassBookings } from '../ledger/class-bookings.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AgentGroups } from './agent-groups.ts';
import { holdersCost } from './cost-model.ts';
import { FIRST_FREE, ROW, SECOND_FREE, STEPS, WORDS } from './holder-lists.ts';
import { type RowLoads, MOST_STEPS } from './row-loads.ts';
import type { SlotHolders } from './slot-holders.ts';

export class HolderSearch {
  lastCostNs = 0;
  readonly #holders: SlotHolders;
  readonly #loads: RowLoads;
  readonly #agents: AgentTable;
  readonly #bookings: ClassBookings;
  readonly #scratch: Scratch;
  /** By group: what the first level gave to it, and in which decision. */
  #groupScores: Float64Array = new Float64Array(0);
  #askedIn: Float64Array = new Float64Array(0);
  readonly #sample = new Int32Array(1);
  /** Register: the score of a group. */
  readonly #groupScore = new Float64Array(1);

  constructor(holders: SlotHolders, loads: RowLoads, { agents, bookings }: Ledger, scratch: Scratch) {
    this.#holders = holders;
    this.#loads = loads;
    this.#agents = agents;
    this.#bookings = bookings;
    this.#scratch = scratch;
  }

  /**
   * The best of the holders of the label that a class asks for and of one more agent. O(holders), most of which cost a
   * few instructions.
   * @param groups - those of the index
   * @param other - the best of the agents that need not hold the label, -1 if there is none
   */
  better(bound: BoundClass, groups: AgentGroups, other: number): number {
    const { rows } = this.#scratch;
    const { policies } = bound;
    const { typeOf } = this.#agents;
    const { label } = bound.taskClass.labelledRequest!;
    const loads = this.#loads;
    const lists = this.#holders.upToDate(rows);
    loads.aim(bound.classId);
    const { added, score: register } = loads;
    const hasGroupPart = policies.groupPart !== undefined;
    const { ranksTies } = policies;
    let best = other;
    let bestScore = -Infinity;
    let bestGroupScore = -Infinity;
    if (other >= 0) {
      loads.read(other);
      bestScore = register[0] + added[typeOf[other]];
      this.#readGroupScore(bound, groups, other);
      bestGroupScore = this.#groupScore[0];
    }
    register[0] = bestScore - loads.mostAdded[0];
    let least = hasGroupPart ? -MOST_STEPS : loads.steps;
    const first = this.#bookings.demand(bound.classId, loads.first);
    const second = this.#bookings.demand(bound.classId, loads.second);
    const { words } = lists;
    const start = lists.startOf(label);
    const size = lists.sizeOf(label);
    let otherTies = other >= 0;
    let tested = 0;
    let ties = 0;
    for (let at = start; at < start + WORDS * size; at += WORDS) {
      const shortage =
        (words[at + STEPS] - least) | (words[at + FIRST_FREE] - first) | (words[at + SECOND_FREE] - second);
      if (shortage < 0) continue;
      const row = words[at + ROW];
      loads.read(row);
      const score = register[0] + added[typeOf[row]];
      this.#readGroupScore(bound, groups, row);
      const groupScore = this.#groupScore[0];
      const isBetter = groupScore > bestGroupScore || (groupScore === bestGroupScore && score > bestScore);
      const isTie = groupScore === bestGroupScore && score === bestScore;
      if (!isBetter && !(isTie && (ranksTies ? row !== other : row < best))) continue;
      tested++;
      if (!bound.acceptsRow(row) || (policies.hasGroups && !bound.acceptsGroupOf(row))) continue;
      if (isBetter) {
        otherTies = false;
        ties = 0;
        bestScore = score;
        bestGroupScore = groupScore;
        if (!hasGroupPart) {
          register[0] = bestScore - loads.mostAdded[0];
          least = loads.steps;
        }
      }
      rows[ties++] = best = row;
    }
    this.#scratch.evaluations += tested;
    this.lastCostNs = holdersCost(size, tested, policies.entryNs);
    if (!ranksTies || ties === 0) return best;
    if (otherTies) rows[ties++] = other;
    return bound.best(policies.rankLevel + 1, rows, ties, this.#scratch.scores);
  }

  /** Broken invariants in words. */
  *verify(): Generator<string> {
    yield* this.#holders.verify();
  }

  /** Reads what the first level gives to the group of a row; 0 if it ranks rows only. */
  #readGroupScore(bound: BoundClass, groups: AgentGroups, row: number): void {
    this.#groupScore[0] = 0;
    if (bound.policies.groupPart === undefined) return;
    const { decision } = this.#scratch;
    const group = groups.of(row);
    if (this.#groupScores.length < groups.count) {
      this.#groupScores = new Float64Array(groups.count);
      this.#askedIn = new Float64Array(groups.count);
    }
    if (this.#askedIn[group] !== decision) {
      this.#sample[0] = row;
      bound.scoreGroupsInto(this.#sample, 1, this.#groupScore);
      this.#groupScores[group] = this.#groupScore[0];
      this.#askedIn[group] = decision;
    }
    this.#groupScore[0] = this.#groupScores[group];
  }
}
