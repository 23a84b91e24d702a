/**
 * GPU fragmentation: how much of what is free on an agent the typical tasks cannot use. The measure F of Weng et
 * al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX
 * ATC'23. What the slots mean to a demand depends only on its units per slot, so that is summed up once per
 * distinct number of units instead of once per typical task.
 *
 * Sums are in doubles, kept by cause and added up in the order of the published program: two agents of which one
 * loses exactly as much as the other gains differ in the last bit there, and the published placements follow it.
 */
import { type AttributeColumn, type ClusterView, MAX_SLOTS, type SlotColumns } from '@stowage/core';
import { requireTypicalTasks, type TypicalTask } from './typical-task.ts';

/** Names that the measure looks at. @public */
export interface FragmentationNames {
  /** Scalar resource. Default `cpu`. */
  readonly cpu?: string;
  /** Resource set. Default `gpu`. */
  readonly gpu?: string;
  /** Attribute that `TypicalTask.models` refers to. Default `model`. */
  readonly model?: string;
}

/**
 * Measures the agents of a cluster view. To be made again when the layout of the cluster changes.
 * @public
 */
export class FragmentationMeasure {
  readonly #cpuFree: Int32Array;
  readonly #slots: SlotColumns;
  readonly #models: Int32Array;
  /** Columns of the typical tasks. */
  readonly #cpu: Float64Array;
  readonly #slotsAsked: Int32Array;
  readonly #frequency: Float64Array;
  /** Index of the task's units in `#unitSteps`. */
  readonly #step: Int32Array;
  /** 1 where a task may run, by model id · tasks + task. */
  readonly #allowed: Uint8Array;
  /** Distinct units per slot that tasks ask for, ascending. */
  readonly #unitSteps: Float64Array;
  /** By step: slots that have as much, and free units in the others. */
  readonly #fitting: Int32Array;
  readonly #remainder: Float64Array;
  /** Free units by slot. */
  readonly #left = new Float64Array(MAX_SLOTS);

  /** @throws StowageError INVALID_PLUGIN, UNKNOWN_RESOURCE */
  constructor(cluster: ClusterView, tasks: readonly TypicalTask[], names: FragmentationNames = {}) {
    requireTypicalTasks(tasks);
    const models = cluster.attribute(names.model ?? 'model');
    this.#cpuFree = cluster.free(names.cpu ?? 'cpu');
    this.#slots = cluster.slots(names.gpu ?? 'gpu');
    this.#models = models.ids;
    this.#cpu = Float64Array.from(tasks, ({ cpu }) => cpu);
    this.#slotsAsked = Int32Array.from(tasks, ({ slots }) => slots);
    this.#frequency = Float64Array.from(tasks, ({ frequency }) => frequency);
    this.#unitSteps = Float64Array.from(new Set(tasks.map(({ units }) => units))).sort();
    this.#step = Int32Array.from(tasks, ({ units }) => this.#unitSteps.indexOf(units));
    this.#allowed = allowedTasks(models, tasks);
    this.#fitting = new Int32Array(this.#unitSteps.length);
    this.#remainder = new Float64Array(this.#unitSteps.length);
  }

  /** Expected number of units lost on the agent of a row as it is. O(typical tasks + slots). */
  of(row: number): number {
    return this.after(row, 0, 0, 0);
  }

  /**
   * Expected number of units lost once a task has taken `cpu` units and `units` of each slot of a bit mask; nothing
   * changes. O(typical tasks + slots).
   */
  after(row: number, cpu: number, mask: number, units: number): number {
    const { unitsFree, slotCount, maxSlots } = this.#slots;
    const slots = slotCount[row];
    const base = row * maxSlots;
    let free = 0;
    for (let slot = 0; slot < slots; slot++) {
      const left = unitsFree[base + slot] - ((mask >>> slot) & 1) * units;
      this.#left[slot] = left;
      free += left;
    }
    if (free === 0) return 0;
    this.#sumUp(slots);
    return this.#lost(free, this.#cpuFree[row] - cpu, this.#models[row] * this.#cpu.length);
  }

  #sumUp(slots: number): void {
    for (let step = 0; step < this.#unitSteps.length; step++) {
      const units = this.#unitSteps[step];
      let fitting = 0;
      let remainder = 0;
      for (let slot = 0; slot < slots; slot++) {
        const left = this.#left[slot];
        if (left >= units) fitting++;
        else remainder += left;
      }
      this.#fitting[step] = fitting;
      this.#remainder[step] = remainder;
    }
  }

  #lost(free: number, cpuFree: number, allowed: number): number {
    let lackBoth = 0;
    let lackGpu = 0;
    let lackCpu = 0;
    let cpuOnly = 0;
    let cpuOnlyLackCpu = 0;
    let notAllowed = 0;
    for (let task = 0; task < this.#cpu.length; task++) {
      const slots = this.#slotsAsked[task];
      const hasCpu = cpuFree >= this.#cpu[task];
      const frequency = this.#frequency[task];
      const lost = frequency * free;
      if (slots === 0) {
        if (hasCpu) cpuOnly += lost;
        else cpuOnlyLackCpu += lost;
      } else if (this.#allowed[allowed + task] === 0) notAllowed += lost;
      else if (this.#fitting[this.#step[task]] < slots) {
        if (hasCpu) lackGpu += lost;
        else lackBoth += lost;
      } else if (hasCpu) lackGpu += frequency * this.#remainder[this.#step[task]];
      else lackCpu += lost;
    }
    return lackBoth + lackGpu + lackCpu + cpuOnly + cpuOnlyLackCpu + notAllowed;
  }
}

function allowedTasks(models: AttributeColumn, tasks: readonly TypicalTask[]): Uint8Array {
  const allowed = new Uint8Array(models.idCount * tasks.length);
  for (let id = 0; id < models.idCount; id++) {
    const model = models.valueOf(id);
    tasks.forEach((task, i) => {
      const runs = task.models.length === 0 || (model !== undefined && task.models.includes(model));
      allowed[id * tasks.length + i] = runs ? 1 : 0;
    });
  }
  return allowed;
}
