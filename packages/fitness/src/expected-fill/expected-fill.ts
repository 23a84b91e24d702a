/**
 * Expected fill: the agent that loses the least usable capacity. What is usable is forecast by letting typical tasks
 * arrive on the agent (fill-forecast.ts), so the score is what the task takes minus what it makes unusable for others:
 * the opportunity cost of revenue management (Talluri and van Ryzin, Management Science 44, 1998) with a simulated
 * value function. Fragmentation gradient descent (Weng et al., USENIX ATC'23) asks instead whether one more task of
 * each kind would fit, and so sees neither that CPU runs out after some of them nor which remainders add up.
 */
import { type FitnessCalculator, MAX_SLOTS, type SlotFitness } from '@stowage/core';
import { FillForecast } from './fill-forecast.ts';
import type { FragmentationNames } from '../gpu/fragmentation.ts';
import { modelWorth } from './model-worth.ts';
import { OpportunityCost, STEPS_PER_SLOT } from './opportunity-cost.ts';
import { requireTypicalTasks, type TypicalTask } from '../gpu/typical-task.ts';

/** @public */
export interface ExpectedFillOptions extends FragmentationNames {
  /**
   * Slots of the cluster by value of the attribute that `TypicalTask.models` refers to, roughly; '' for agents without
   * it. Tells models that will be scarce from those of which there is plenty, so that tasks which may run anywhere leave
   * the scarce ones to those which may not. Default: all models are worth the same.
   */
  readonly slotsByModel?: Readonly<Record<string, number>>;
}

/**
 * Units taken − worth · (usable units before − usable units after), in 8ths of a slot, rounded to an integer: 0 when a
 * task takes nothing but what others would have used, less when it strands capacity. From −256 to 256. Worth is 1, or
 * with `slotsByModel` from 0 to 1: how much of the agent's model will be wanted, relative to the mean. A task that asks
 * for a part of one slot is tried in every slot and takes the best, the tightest among equals; others take the
 * tightest. Memory is not looked at.
 *
 * Deterministic, and knows no more of the future than the typical tasks. Per agent expected O(slots), for parts of a
 * slot O(slots²); an agent in a state that was not met lately costs a simulation, some microseconds. All task classes
 * of one calculator share a table of at most 12 MB, made when it is first asked.
 *
 * @param typicalTasks - the tasks that are expected to arrive, in units of the schema
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function expectedFill(
  typicalTasks: readonly TypicalTask[],
  { cpu = 'cpu', gpu = 'gpu', model = 'model', slotsByModel }: ExpectedFillOptions = {},
): FitnessCalculator {
  requireTypicalTasks(typicalTasks);
  // The key is made of them, so later changes by the caller must not count.
  const tasks = typicalTasks.map((task) => ({ ...task, models: [...task.models] }));
  const names = { cpu, gpu, model };
  const forecast = new FillForecast(tasks);
  const worth = modelWorth(tasks, slotsByModel);
  const slotFitness: SlotFitness = {
    name: 'expected fill',
    bind(cluster, task) {
      const cost = new OpportunityCost(forecast, worth, cluster, task, names);
      const gpuSet = cluster.schema.set(gpu).index;
      const columns = cluster.schema.sets.map(({ name }) => cluster.slots(name));
      return {
        score(row, set, slot) {
          const { unitsFree, maxSlots } = columns[set];
          const left = unitsFree[row * maxSlots + slot];
          return set === gpuSet && cost.isPartOfSlot ? cost.slotScore(row, left) : -left;
        },
      };
    },
  };
  return {
    name: 'expected fill',
    key: JSON.stringify(['expectedFill', typicalTasks, cpu, gpu, model, slotsByModel]),
    dependsOn: 'agent',
    range: [-MAX_SLOTS * STEPS_PER_SLOT, MAX_SLOTS * STEPS_PER_SLOT],
    slotFitness,
    bind(cluster, task) {
      const cost = new OpportunityCost(forecast, worth, cluster, task, names);
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = cost.score(rows[i]);
        },
      };
    },
  };
}
