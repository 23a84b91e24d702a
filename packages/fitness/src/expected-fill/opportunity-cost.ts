/**
 * What a task costs on an agent beyond what it takes: the capacity that the typical tasks could use before and cannot use
 * afterwards. Bound to the columns of a cluster and one task class.
 */
import { type ClusterView, MAX_SLOTS, type SlotColumns, type TaskClassView } from '@stowage/core';
import type { FillForecast } from './fill-forecast.ts';
import type { FragmentationNames } from '../gpu/fragmentation.ts';
import { type SlotRequest, unitsEach } from '../slot-sums.ts';
import { tightestAt, sortSlots, takeSlots } from './sorted-slots.ts';
import { SEQUENCE_COUNT } from './task-sequences.ts';

/**
 * Steps of the score in one slot. A slot more or less in one of the sequences is noise, as every agent has its own
 * luck with them; told apart, it sends task after task to the agents that are overrated, and may spread small tasks over
 * agents that large ones need.
 */
export const STEPS_PER_SLOT: number = SEQUENCE_COUNT;

/** To be made again when the layout of the cluster changes. */
export class OpportunityCost {
  readonly #forecast: FillForecast;
  readonly #cpuFree: Int32Array;
  readonly #slots: SlotColumns;
  readonly #models: Int32Array;
  /** Number of the sequences, and worth of a unit, by model id. */
  readonly #sequences: Int32Array;
  readonly #worth: Float64Array;
  readonly #cpuDemand: number;
  readonly #request: SlotRequest | undefined;
  /** Free units of the slots, ascending: as they are, and with the task placed. */
  readonly #before = new Int32Array(MAX_SLOTS);
  readonly #left = new Int32Array(MAX_SLOTS);

  constructor(
    forecast: FillForecast,
    worthOf: (model: string | undefined) => number,
    cluster: ClusterView,
    task: TaskClassView,
    { cpu, gpu, model }: Required<FragmentationNames>,
  ) {
    const models = cluster.attribute(model);
    this.#forecast = forecast;
    this.#cpuFree = cluster.free(cpu);
    this.#slots = cluster.slots(gpu);
    this.#models = models.ids;
    this.#sequences = Int32Array.from({ length: models.idCount }, (_, id) =>
      forecast.sequencesFor(models.valueOf(id)),
    );
    this.#worth = Float64Array.from({ length: models.idCount }, (_, id) => worthOf(models.valueOf(id)));
    this.#cpuDemand = task.demand(cpu);
    this.#request = task.slotDemand(gpu);
  }

  /** Whether the task asks for less than one slot, so that it matters which. */
  get isPartOfSlot(): boolean {
    return this.#request !== undefined && this.#request.slots === 1 && this.#request.units > 0;
  }

  /** Units taken less what others lose by it is worth, in steps; the row must be feasible. */
  score(row: number): number {
    const count = sortSlots(this.#slots, row, this.#before);
    const sequences = this.#sequences[this.#models[row]];
    const before = this.#forecast.usedUnits(sequences, this.#cpuFree[row], this.#before, count);
    if (this.#request === undefined) return this.#scoreOf(row, 0, before - this.#after(row, count, 0, 0, 0));
    const { slots } = this.#request;
    const units = unitsEach(this.#slots, row, this.#request);
    const first = tightestAt(this.#before, units);
    const after = this.isPartOfSlot
      ? this.#mostAfter(row, count, first, units)
      : this.#after(row, count, first, slots, units);
    return this.#scoreOf(row, SEQUENCE_COUNT * slots * units, before - after);
  }

  /** Ranks the slots for a part of one, by what is left in them: the greatest forecast, then the tightest. */
  slotScore(row: number, left: number): number {
    const count = sortSlots(this.#slots, row, this.#before);
    const at = tightestAt(this.#before, left);
    return this.#after(row, count, at, 1, this.#request!.units) * MAX_SLOTS - at;
  }

  /** The greatest forecast over the slots that a part of one may come from. */
  #mostAfter(row: number, count: number, tightest: number, units: number): number {
    let most = this.#after(row, count, tightest, 1, units);
    for (let at = tightest + 1; at < count; at++) {
      // Slots with equally much left, mostly idle neighbours, lead to the same.
      if (this.#before[at] === this.#before[at - 1]) continue;
      most = Math.max(most, this.#after(row, count, at, 1, units));
    }
    return most;
  }

  /** Forecast with the task placed on `slots` slots of `#before`, beginning at a position. */
  #after(row: number, count: number, at: number, slots: number, units: number): number {
    for (let slot = 0; slot < count; slot++) this.#left[slot] = this.#before[slot];
    takeSlots(this.#left, at, slots, units);
    const sequences = this.#sequences[this.#models[row]];
    return this.#forecast.usedUnits(sequences, this.#cpuFree[row] - this.#cpuDemand, this.#left, count);
  }

  /** From units over all sequences. */
  #scoreOf(row: number, taken: number, lost: number): number {
    const gain = taken - this.#worth[this.#models[row]] * lost;
    // Agents without slots have nothing to lose, and no units to count it in.
    if (gain === 0) return 0;
    // A sum with 0, because rounding gives -0 as well.
    return Math.round((gain / SEQUENCE_COUNT / this.#slots.unitsPerSlot[row]) * STEPS_PER_SLOT) + 0;
  }
}
