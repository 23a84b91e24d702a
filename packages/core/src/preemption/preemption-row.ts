/**
 * Preemption on one agent as a covering problem: from candidates in the order of age, youngest first, choose so many
 * that their gains sum up to what is missing.
 *
 * Tasks without which the rest would not do are victims in any case and no longer part of the question. While only the
 * engine's own rules and attributes count, which a departure never makes worse, tasks that give back nothing useful
 * are no candidates. Other constraints may react to any departure, so then all tasks are.
 */
import { leastToReach, type PreemptionCase, type PreemptionContext } from './preemption-case.ts';
import type { Need } from './preemption-needs.ts';
import {
  bitCount,
  holdingOf,
  type SlotHolding,
  type SlotShortage,
  slotShortages,
} from './preemption-slots.ts';

/** Slots of a set that are missing, with what each candidate holds. */
export interface SlotGap {
  readonly shortage: SlotShortage;
  readonly holdings: readonly SlotHolding[];
}

/** What is missing of something that sums up, with what each candidate gives back. */
export interface AmountGap {
  readonly missing: number;
  readonly gains: Float64Array;
}

/** The sum of the shares that candidates have in all amounts is compared with this much slack for rounding. */
const SHARE_SLACK = 1e-9;

/** The question for one agent and one highest priority of victims. */
export class RowProblem {
  readonly row: number;
  /** Victims in any case. */
  readonly forced: readonly number[];
  readonly forcedSum: number;
  /** Youngest first. */
  readonly candidates: readonly number[];
  readonly priorities: Float64Array;
  readonly amounts: readonly AmountGap[];
  readonly slots: readonly SlotGap[];
  /** Bounds on the number of victims, forced ones included. */
  readonly least: number;
  readonly most: number;
  readonly #ascendingPriorities: Float64Array;

  constructor(context: PreemptionContext, one: PreemptionCase, level: number) {
    const { ledger, schema, newcomer, isMonotone } = context;
    const { tasks } = ledger;
    const { row } = one;
    const upTo = one.indices
      .slice(0, one.countUpTo(level))
      .sort((a, b) => tasks.ordinalOf(b) - tasks.ordinalOf(a));
    const priorityOf = (index: number): number => ledger.classes[tasks.classOf(index)]!.priority;
    const needs: readonly Need[] = isMonotone
      ? context.needs
      : [...context.needs, memberOfLevel(priorityOf, level)];
    const missing = needs.map((need) => need.missingOn(row));
    const gains = needs.map((need) => upTo.map((index) => need.gainOf(index)));
    const isForced = forcedAmong(missing, gains);
    const shortages = slotShortages(ledger, schema, row, newcomer.slotRequests);
    upTo.forEach((index, i) => {
      if (!isForced[i]) return;
      for (let n = 0; n < needs.length; n++) missing[n] -= gains[n][i];
      for (const { set, shortage } of shortages) shortage.remove(holdingOf(ledger, index, set), 1);
    });
    const open = shortages.filter(({ shortage }) => shortage.wanted > 0);
    const isOpen = missing.map((amount) => amount > 0);
    const holds = open.map(({ set }) => upTo.map((index) => holdingOf(ledger, index, set)));
    const helps = (i: number): boolean =>
      isOpen.some((isIt, n) => isIt && gains[n][i] > 0) ||
      open.some(({ shortage }, s) => (holds[s][i].mask & shortage.lockedMask) !== 0);
    const kept = [...upTo.keys()].filter((i) => !isForced[i] && (!isMonotone || helps(i)));
    this.row = row;
    this.forced = upTo.filter((_, i) => isForced[i]);
    this.forcedSum = this.forced.reduce((sum, index) => sum + priorityOf(index), 0);
    this.candidates = kept.map((i) => upTo[i]);
    this.priorities = Float64Array.from(this.candidates, priorityOf);
    this.slots = open.map(({ shortage }, s) => ({ shortage, holdings: kept.map((i) => holds[s][i]) }));
    const linear = needs
      .map((_, n) => ({ missing: missing[n], gains: Float64Array.from(kept, (i) => gains[n][i]) }))
      .filter((gap) => gap.missing > 0);
    this.amounts = withShares([...linear, ...this.slots.map(slotAmounts)], kept.length);
    this.least =
      this.forced.length + Math.max(0, ...this.amounts.map(leastAmounts), ...this.slots.map(leastSlots));
    this.most = this.forced.length + kept.length;
    this.#ascendingPriorities = this.priorities.slice().sort();
  }

  /** A lower bound on the sum of the priorities of so many victims. */
  leastSum(count: number): number {
    let sum = this.forcedSum;
    for (let i = 0; i < count - this.forced.length; i++) sum += this.#ascendingPriorities[i];
    return sum;
  }
}

/** By task: whether what is missing cannot be made up without it. */
function forcedAmong(missing: readonly number[], gains: readonly (readonly number[])[]): boolean[] {
  const spare = gains.map((column, n) => column.reduce((sum, gain) => sum + gain, -missing[n]));
  return gains[0].map((_, i) => missing.some((amount, n) => amount > 0 && gains[n][i] > spare[n]));
}

/** At least one victim has just this priority; sets without one were looked at on a lower level. */
function memberOfLevel(priorityOf: (index: number) => number, level: number): Need {
  return { missingOn: () => 1, gainOf: (index) => (priorityOf(index) === level ? 1 : 0) };
}

/** Every slot that becomes able to serve had a holder among the victims. */
function slotAmounts({ shortage, holdings }: SlotGap): AmountGap {
  const gains = Float64Array.from(holdings, ({ mask }) => bitCount(mask & shortage.lockedMask));
  return { missing: shortage.wanted, gains };
}

/** Adds an amount that follows from the others and rules out what is enough for each of them, but not for all. */
function withShares(amounts: readonly AmountGap[], length: number): AmountGap[] {
  if (amounts.length < 2) return [...amounts];
  const gains = new Float64Array(length);
  for (const { missing, gains: own } of amounts) {
    for (let i = 0; i < length; i++) gains[i] += Math.min(own[i], missing) / missing;
  }
  return [...amounts, { missing: amounts.length - SHARE_SLACK, gains }];
}

function leastAmounts({ missing, gains }: AmountGap): number {
  return leastToReach(missing, gains.slice());
}

function leastSlots({ shortage, holdings }: SlotGap): number {
  return shortage.leastMore(holdings, 0);
}
