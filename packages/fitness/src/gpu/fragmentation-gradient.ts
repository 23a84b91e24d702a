/**
 * Fragmentation gradient descent (FGD): the agent whose fragmentation grows least, or shrinks most. Weng et al.,
 * "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC'23.
 * The coarse integer score is part of the policy: with the exact difference it places markedly worse, because
 * nearly equal agents are then no longer left to the tie-break (kubernetes-scheduler-simulator, fgd_score.go).
 */
import type { ClusterView, FitnessCalculator, SlotFitness, TaskClassView } from '@stowage/core';
import { FragmentationMeasure, type FragmentationNames } from './fragmentation.ts';
import { type SlotRequest, tightestSlots, unitsEach } from '../slot-sums.ts';
import { requireTypicalTasks, type TypicalTask } from './typical-task.ts';

/** Units of fragmentation that move the sigmoid by 1: one GPU of 1000 milli. */
const SIGMOID_UNITS = 1000;

/**
 * ⌊100 · σ(ΔF / 1000)⌋ where ΔF is by how many units of the set (milli-GPU) the fragmentation of the agent
 * shrinks with the task placed, σ the logistic function. From 0 to 100. A task that asks for a part of one slot is
 * tried in every slot and takes the best, the lowest number among equals; others take the tightest.
 * O(slots²) per agent for parts of a slot, O(slots) else.
 *
 * @param typicalTasks - the tasks that are expected to arrive, in units of the schema
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function fragmentationGradient(
  typicalTasks: readonly TypicalTask[],
  { cpu = 'cpu', gpu = 'gpu', model = 'model' }: FragmentationNames = {},
): FitnessCalculator {
  requireTypicalTasks(typicalTasks);
  const names = { cpu, gpu, model };
  const gradientOf = (cluster: ClusterView, task: TaskClassView): Gradient => {
    return new Gradient(new FragmentationMeasure(cluster, typicalTasks, names), cluster, task, names);
  };
  const slotFitness: SlotFitness = {
    name: 'fragmentation gradient',
    bind(cluster, task) {
      const gradient = gradientOf(cluster, task);
      const gpuSet = cluster.schema.set(gpu).index;
      const columns = cluster.schema.sets.map(({ name }) => cluster.slots(name));
      return {
        score(row, set, slot) {
          if (set === gpuSet && gradient.isPartOfSlot) return gradient.slotScore(row, slot);
          const { unitsFree, maxSlots } = columns[set];
          return -unitsFree[row * maxSlots + slot];
        },
      };
    },
  };
  return {
    name: 'fragmentation gradient',
    key: JSON.stringify(['fragmentationGradient', typicalTasks, cpu, gpu, model]),
    dependsOn: 'agent',
    range: [0, 100],
    slotFitness,
    bind(cluster, task) {
      const gradient = gradientOf(cluster, task);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = gradient.score(rows[i]);
        },
      };
    },
  };
}

/** What placing a task of one class does to the fragmentation of an agent. */
class Gradient {
  readonly #measure: FragmentationMeasure;
  readonly #slots: ReturnType<ClusterView['slots']>;
  readonly #cpuDemand: number;
  readonly #request: SlotRequest | undefined;

  constructor(
    measure: FragmentationMeasure,
    cluster: ClusterView,
    task: TaskClassView,
    { cpu, gpu }: Required<FragmentationNames>,
  ) {
    this.#measure = measure;
    this.#slots = cluster.slots(gpu);
    this.#cpuDemand = task.demand(cpu);
    this.#request = task.slotDemand(gpu);
  }

  /** Whether the task asks for less than one slot, so that it matters which. */
  get isPartOfSlot(): boolean {
    return this.#request !== undefined && this.#request.slots === 1 && this.#request.units > 0;
  }

  score(row: number): number {
    return this.#quantised(row, this.isPartOfSlot ? this.#leastOverSlots(row) : this.#afterTightest(row));
  }

  /** The score of one slot for a part of it. */
  slotScore(row: number, slot: number): number {
    return this.#quantised(row, this.#after(row, 1 << slot, this.#request!.units));
  }

  #leastOverSlots(row: number): number {
    const { unitsFree, slotCount, maxSlots } = this.#slots;
    const { units } = this.#request!;
    let least = Infinity;
    let tried = -1;
    for (let slot = 0; slot < slotCount[row]; slot++) {
      const left = unitsFree[row * maxSlots + slot];
      // Slots with equally much left, mostly idle neighbours, lead to the same.
      if (left < units || left === tried) continue;
      tried = left;
      least = Math.min(least, this.#after(row, 1 << slot, units));
    }
    return least;
  }

  #afterTightest(row: number): number {
    const request = this.#request;
    if (request === undefined) return this.#after(row, 0, 0);
    return this.#after(row, tightestSlots(this.#slots, row, request), unitsEach(this.#slots, row, request));
  }

  #after(row: number, mask: number, units: number): number {
    return this.#measure.after(row, this.#cpuDemand, mask, units);
  }

  /** The score of a row from its fragmentation with the task placed. */
  #quantised(row: number, after: number): number {
    const shrinks = this.#measure.of(row) - after;
    return Math.trunc((1 / (1 + Math.exp(-(shrinks / SIGMOID_UNITS)))) * 100);
  }
}
