/**
 * Sequences of tasks as they might arrive, drawn from the typical ones. A task is drawn by its share of the capacity
 * asked for, not of the tasks, so that a few large tasks are heard among many small ones. Nothing is random: at each
 * position the sequences take equally spaced quantiles (systematic sampling), which the golden ratio shifts from
 * position to position, in an order that a fixed generator shuffles. Equal tasks give equal sequences, everywhere.
 */
import type { TypicalTask } from '../gpu/typical-task.ts';

/** Enough to tell agents apart; more cost more time. */
export const SEQUENCE_COUNT = 8;

/** Tasks per sequence: several times as many as fit on a large agent, since most find no room. */
export const SEQUENCE_LENGTH = 64;

/** Positions are in words of 32 bits, the first one in the lowest bit. */
export const WORDS: number = SEQUENCE_LENGTH / 32;

/** What agents can have at most: a task that asks for more finds as little room as one that asks for this. */
const GREATEST_AMOUNT = 2 ** 31 - 1;

/** Sequences of some tasks. */
export interface TaskSequences {
  /** Columns of the tasks; the order is that of the numbers in `order`. */
  readonly cpu: Int32Array;
  readonly slots: Int32Array;
  readonly units: Int32Array;
  /** Tasks as they arrive, by sequence · SEQUENCE_LENGTH + position. */
  readonly order: Int32Array;
  /** Where a task arrives, by (task · SEQUENCE_COUNT + sequence) · WORDS + word. */
  readonly positions: Int32Array;
  /** Where a task arrives that needs at least as much CPU. */
  readonly cpuAtLeast: Int32Array;
  /** Where a task arrives that needs at least as many slots and as many units of each. */
  readonly roomAtLeast: Int32Array;
  /** The least that any task asks for; infinite without tasks. */
  readonly leastCpu: number;
  readonly leastUnits: number;
}

/** @param tasks - those that may run on an agent; those without slots use none of it and are left out */
export function taskSequences(tasks: readonly TypicalTask[]): TaskSequences {
  const drawn = tasks.filter(({ slots }) => slots > 0);
  const order = drawn.length === 0 ? new Int32Array(0) : drawnOrder(drawn);
  const positions = drawn.map((_, task) => positionsOf(order, task));
  const positionsWhere = (needs: (other: TypicalTask, task: TypicalTask) => boolean): Int32Array =>
    concatenated(drawn.map((task) => union(positions.filter((_, other) => needs(drawn[other], task)))));
  return {
    cpu: Int32Array.from(drawn, ({ cpu }) => Math.min(cpu, GREATEST_AMOUNT)),
    slots: Int32Array.from(drawn, ({ slots }) => slots),
    units: Int32Array.from(drawn, ({ units }) => Math.min(units, GREATEST_AMOUNT)),
    order,
    positions: concatenated(positions),
    cpuAtLeast: positionsWhere((other, task) => other.cpu >= task.cpu),
    roomAtLeast: positionsWhere((other, task) => other.slots >= task.slots && other.units >= task.units),
    leastCpu: Math.min(...drawn.map(({ cpu }) => cpu)),
    leastUnits: Math.min(...drawn.map(({ units }) => units)),
  };
}

/** By sequence · WORDS + word. */
function positionsOf(order: Int32Array, task: number): Int32Array {
  const words = new Int32Array(SEQUENCE_COUNT * WORDS);
  order.forEach((arriving, i) => {
    if (arriving === task) words[i >>> 5] |= 1 << (i & 31);
  });
  return words;
}

function union(sets: readonly Int32Array[]): Int32Array {
  return Int32Array.from({ length: SEQUENCE_COUNT * WORDS }, (_, word) =>
    sets.reduce((bits, set) => bits | set[word], 0),
  );
}

function concatenated(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

function drawnOrder(tasks: readonly TypicalTask[]): Int32Array {
  const quantile = quantileFunction(tasks);
  const below = fixedGenerator();
  const order = new Int32Array(SEQUENCE_COUNT * SEQUENCE_LENGTH);
  for (let position = 0; position < SEQUENCE_LENGTH; position++) {
    const shift = ((position + 1) * GOLDEN_RATIO) % 1;
    const strata = Array.from({ length: SEQUENCE_COUNT }, (_, stratum) => stratum);
    for (let left = SEQUENCE_COUNT; left > 0; left--) {
      const [stratum] = strata.splice(below(left), 1);
      order[(left - 1) * SEQUENCE_LENGTH + position] = quantile((stratum + shift) / SEQUENCE_COUNT);
    }
  }
  return order;
}

/** Gives the task at a quantile, from 0 to 1, of the capacity asked for. */
function quantileFunction(tasks: readonly TypicalTask[]): (quantile: number) => number {
  let total = 0;
  const upTo = tasks.map(({ frequency, slots, units }) => (total += frequency * slots * units));
  return (quantile) => {
    const at = upTo.findIndex((sum) => quantile * total < sum);
    // Rounding may leave the last sum a little short.
    return at < 0 ? tasks.length - 1 : at;
  };
}

/** Integers below a bound from the linear congruential generator of Numerical Recipes, always the same ones. */
function fixedGenerator(): (bound: number) => number {
  let state = 1;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
