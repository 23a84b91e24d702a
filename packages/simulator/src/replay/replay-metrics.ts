/**
 * What a replay reports along the way: allocated and fragmented GPU capacity by arrived capacity. The rules are
 * those of the published analysis (kubernetes-scheduler-simulator, experiments/analysis): one observation per
 * arrival, gathered by whole % of arrived capacity rounded half to even, averaged, rounded to two decimals.
 */
import type { ClusterView } from '@stowage/core';
import { FragmentationMeasure, type TypicalTask } from '@stowage/fitness';

/** Arrived capacity goes from 0 to this many %. */
export const MAX_ARRIVED_PERCENT = 130;

/** Reads the cluster, never the decisions: it needs to know which row may have changed. */
export class ReplayMetrics {
  readonly #cluster: ClusterView;
  readonly #measure: FragmentationMeasure;
  readonly #capacity: number;
  /** By row, as last seen. */
  readonly #fragmented: Float64Array;
  readonly #used: Float64Array;
  #fragmentedSum = 0;
  #usedSum = 0;
  #arrived = 0;
  readonly #allocation = new PercentCells();
  readonly #fragmentation = new PercentCells();

  /**
   * @param rows - agents in rows 0 to rows − 1
   * @param capacity - GPU milli of all agents together, above 0
   */
  constructor(cluster: ClusterView, typical: readonly TypicalTask[], rows: number, capacity: number) {
    this.#cluster = cluster;
    this.#measure = new FragmentationMeasure(cluster, typical);
    this.#capacity = capacity;
    this.#fragmented = new Float64Array(rows);
    this.#used = new Float64Array(rows);
    for (let row = 0; row < rows; row++) this.#look(row);
  }

  /**
   * One arrival.
   * @param gpuMilli - asked for in all
   * @param row - where it was placed, -1 when it was not
   */
  observe(gpuMilli: number, row: number): void {
    if (row >= 0) this.#look(row);
    this.#arrived += gpuMilli;
    const cell = roundHalfToEven((100 * this.#arrived) / this.#capacity);
    // The published program logs the allocation with two decimals, the fragmentation with all.
    this.#allocation.add(cell, twoDecimals((100 * this.#usedSum) / this.#capacity));
    this.#fragmentation.add(cell, (100 * this.#fragmentedSum) / this.#capacity);
  }

  /** Allocated capacity in % by arrived %, 0 to 130. */
  allocation(): number[] {
    return this.#allocation.means();
  }

  /** Fragmented capacity in % by arrived %, 0 to 130. */
  fragmentation(): number[] {
    return this.#fragmentation.means();
  }

  #look(row: number): void {
    const { unitsFree, unitsPerSlot, slotCount, maxSlots } = this.#cluster.slots('gpu');
    let used = 0;
    for (let slot = 0; slot < slotCount[row]; slot++)
      used += unitsPerSlot[row] - unitsFree[row * maxSlots + slot];
    const fragmented = this.#measure.of(row);
    this.#usedSum += used - this.#used[row];
    this.#fragmentedSum += fragmented - this.#fragmented[row];
    this.#used[row] = used;
    this.#fragmented[row] = fragmented;
  }
}

/** Means by whole %. */
class PercentCells {
  readonly #sums = new Float64Array(MAX_ARRIVED_PERCENT + 1);
  readonly #counts = new Int32Array(MAX_ARRIVED_PERCENT + 1);

  /** What lies past the last cell, because the last pod was large, is not reported. */
  add(cell: number, value: number): void {
    if (cell > MAX_ARRIVED_PERCENT) return;
    this.#sums[cell] += value;
    this.#counts[cell]++;
  }

  /** A cell without observations, which only a tiny cluster has, repeats the one before; the first is 0 then. */
  means(): number[] {
    let last = 0;
    return Array.from(this.#counts, (count, cell) => {
      if (count > 0) last = twoDecimals(this.#sums[cell] / count);
      return last;
    });
  }
}

function twoDecimals(value: number): number {
  return roundHalfToEven(100 * value) / 100;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
