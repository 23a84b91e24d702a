/**
 * What a unit of an agent's slots is worth, by the model of the agent: where only some tasks may run on all models and
 * some models are wanted more than others, a task that may run anywhere should spare those. Worth is the load that a
 * model would see if every task spread evenly over what it may run on, as a share of the mean load; beyond the mean
 * everything will be used, so 1 is the greatest.
 */
import { show, StowageError } from '@stowage/core';
import type { TypicalTask } from '../gpu/typical-task.ts';

/**
 * From 0 to 1 by model; always 1 without slots to compare, and when no task is particular about models. O(tasks) per call.
 * @throws StowageError INVALID_PLUGIN
 */
export function modelWorth(
  tasks: readonly TypicalTask[],
  slotsByModel: Readonly<Record<string, number>> | undefined,
): (model: string | undefined) => number {
  if (slotsByModel === undefined) return () => 1;
  const slots = new Map(Object.entries(slotsByModel));
  for (const [model, count] of slots) {
    if (!(Number.isFinite(count) && count >= 0)) {
      throw new StowageError(
        'INVALID_PLUGIN',
        `slotsByModel has ${show(count)} for "${model}"; give the number of slots, at least 0.`,
      );
    }
  }
  const all = sum([...slots.values()]);
  if (all === 0) return () => 1;
  const loads = tasks.map(({ models, frequency, slots: asked, units }) => {
    const usable =
      models.length === 0 ? all : sum([...new Set(models)].map((model) => slots.get(model) ?? 0));
    return { models, volume: frequency * asked * units, spread: all / usable };
  });
  const total = sum(loads.map(({ volume }) => volume));
  return (model) => {
    const here = loads.filter(
      ({ models, volume }) =>
        volume > 0 && (models.length === 0 || (model !== undefined && models.includes(model))),
    );
    return Math.min(1, sum(here.map(({ volume, spread }) => (volume * spread) / total)));
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
