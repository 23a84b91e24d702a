/**
 * Forecasts how much of what is free on an agent will be used: the mean over sequences of typical tasks that arrive one
 * after the other and take the tightest slots while CPU and slots last. One value for both resources, since a free
 * GPU is worth no more than the CPU beside it allows. A simulation of what a simple policy would make of the rest, as
 * in rollout algorithms (Bertsekas, Tsitsiklis and Wu, Journal of Heuristics 3, 1997), with the same sequences for
 * every agent, so that differences are not noise.
 *
 * Depends on numbers only, not on a cluster; what was forecast once is remembered.
 */
import { MAX_SLOTS } from '@stowage/core';
import { ForecastMemory } from './forecast-memory.ts';
import { tightestAt, fits, takeSlots } from './sorted-slots.ts';
import { SEQUENCE_COUNT, type TaskSequences, taskSequences, WORDS } from './task-sequences.ts';
import type { TypicalTask } from '../gpu/typical-task.ts';

/** Forecasts for agents by what may run on them. */
export class FillForecast {
  readonly #tasks: readonly TypicalTask[];
  readonly #sequences: TaskSequences[] = [];
  /** Number of the sequences by which of the tasks may run. */
  readonly #numbers = new Map<string, number>();
  readonly #memory = new ForecastMemory();
  /** Free units of the slots that matter, ascending: before and while a sequence arrives. */
  readonly #free = new Int32Array(MAX_SLOTS);
  readonly #left = new Int32Array(MAX_SLOTS);
  /** Positions at which a task that may still fit arrives, by sequence · WORDS + word. */
  readonly #openPositions = new Int32Array(SEQUENCE_COUNT * WORDS);

  constructor(tasks: readonly TypicalTask[]) {
    this.#tasks = tasks;
  }

  /** Number of the sequences for agents with a value of the attribute that `TypicalTask.models` refers to. */
  sequencesFor(model: string | undefined): number {
    const allowed = this.#tasks.map(
      ({ models }) => models.length === 0 || (model !== undefined && models.includes(model)),
    );
    const key = allowed.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#sequences.push(taskSequences(this.#tasks.filter((_, i) => allowed[i]))) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /**
   * Units that will be used of an agent with so much free, summed over the sequences. Expected O(slots) when it was
   * asked before, else O(SEQUENCE_COUNT · (typical tasks + tasks that fit · slots)).
   * @param sequences - from `sequencesFor`
   * @param sorted - free units of the slots, ascending; left as it is
   */
  usedUnits(sequences: number, cpu: number, sorted: Int32Array, count: number): number {
    const tasks = this.#sequences[sequences];
    const { leastCpu, leastUnits } = tasks;
    if (cpu < leastCpu) return 0;
    // Slots that no task fits are as good as none, and states without them are more often alike.
    let from = 0;
    while (from < count && sorted[from] < leastUnits) from++;
    if (from === count) return 0;
    const entry = this.#memory.find(sequences, cpu, sorted, from, count);
    let used = this.#memory.valueOf(entry);
    if (used < 0) this.#memory.keep(entry, (used = this.#simulate(tasks, cpu, sorted, from, count)));
    return used;
  }

  #simulate(tasks: TaskSequences, cpuFree: number, sorted: Int32Array, from: number, to: number): number {
    for (let slot = from; slot < to; slot++) this.#free[slot - from] = sorted[slot];
    this.#open(tasks, cpuFree, to - from);
    let used = 0;
    for (let sequence = 0; sequence < SEQUENCE_COUNT; sequence++) {
      used += this.#fill(tasks, sequence, cpuFree, to - from);
    }
    return used;
  }

  /** Leaves the positions of the tasks that fit as long as nothing has arrived; the others never will. */
  #open({ cpu, slots, units, positions }: TaskSequences, cpuFree: number, count: number): void {
    const open = this.#openPositions;
    open.fill(0);
    for (let task = 0; task < cpu.length; task++) {
      if (cpu[task] > cpuFree || !fits(this.#free, count, slots[task], units[task])) continue;
      const from = task * open.length;
      for (let word = 0; word < open.length; word++) open[word] |= positions[from + word];
    }
  }

  /** Units used once a sequence has arrived. */
  #fill(tasks: TaskSequences, sequence: number, cpuFree: number, count: number): number {
    const { cpu, slots, units, order, cpuAtLeast, roomAtLeast, leastCpu, leastUnits } = tasks;
    const left = this.#left;
    const words = this.#openPositions.length;
    for (let slot = 0; slot < count; slot++) left[slot] = this.#free[slot];
    let cpuLeft = cpuFree;
    let used = 0;
    for (let word = sequence * WORDS; word < (sequence + 1) * WORDS; word++) {
      let open = this.#openPositions[word];
      while (open !== 0) {
        const next = open & -open;
        const task = order[word * 32 + 31 - Math.clz32(next)];
        // What does not fit now will not fit later, nor will what needs more.
        if (cpu[task] > cpuLeft) open &= ~cpuAtLeast[task * words + word];
        else if (!fits(left, count, slots[task], units[task])) open &= ~roomAtLeast[task * words + word];
        else {
          open ^= next;
          takeSlots(left, tightestAt(left, units[task]), slots[task], units[task]);
          used += slots[task] * units[task];
          cpuLeft -= cpu[task];
          if (cpuLeft < leastCpu || left[count - 1] < leastUnits) return used;
        }
      }
    }
    return used;
  }
}
