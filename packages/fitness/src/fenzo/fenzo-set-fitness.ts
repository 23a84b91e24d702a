/**
 * How well the resource sets of an agent suit a task, as Fenzo rates it: the mean over the sets of their best slot.
 * Agents without sets rate 0.
 */
import { type FitnessCalculator, show, type SlotColumns, StowageError } from '@stowage/core';
import { fenzoSlotValue } from './fenzo-slots.ts';
import { type SlotRequest, unitsEach } from '../slot-sums.ts';

/** The score of a perfect slot in each set: rounding to it moves Fenzo's values by less than 10^-13. */
const PERFECT = 2 ** 44;

/**
 * From 0 to 2^44, Fenzo's 1.0: the mean over the agent's sets of the value of the best slot (see `fenzoSlots`), each
 * rounded to the nearest integer. O(slots of the agent) per agent.
 *
 * In Fenzo a task that asks nothing of a set takes a slot under a name of its own; here it takes none, and the set
 * counts like an idle slot. A request with `units: 0` and a label does what Fenzo's does. Idle slots count whatever
 * label they had, also while `rebindAfterMs` keeps the request off them.
 * @param sets - names of the resource sets that count. Default: all
 * @throws StowageError INVALID_PLUGIN; UNKNOWN_RESOURCE when a task class is first placed
 * @public
 */
export function fenzoSetFitness(sets?: readonly string[]): FitnessCalculator {
  const given: unknown = sets;
  if (sets !== undefined && (!Array.isArray(given) || new Set(sets).size !== sets.length))
    throw new StowageError(
      'INVALID_PLUGIN',
      `fenzoSetFitness: ${show(sets)} is no array of different names.`,
    );
  const chosen = sets?.slice();
  return {
    name: `Fenzo's fitness of ${chosen?.join(', ') ?? 'all sets'}`,
    key: JSON.stringify(['fenzoSetFitness', chosen ?? null]),
    dependsOn: 'agent',
    range: [0, PERFECT],
    bind(cluster, task) {
      const names = chosen ?? cluster.schema.sets.map(({ name }) => name);
      const bound = names.map((name) => ({ slots: cluster.slots(name), request: task.slotDemand(name) }));
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) {
            const row = rows[i];
            let total = 0;
            let present = 0;
            for (let s = 0; s < bound.length; s++) {
              const { slots, request } = bound[s];
              if (slots.slotCount[row] === 0) continue;
              present++;
              const best = request === undefined ? 1 : bestSlotValue(slots, row, request);
              total += Math.round((PERFECT * best) / (2 * (slots.unitsPerSlot[row] + 1)));
            }
            scores[i] = present === 0 ? 0 : Math.round(total / present);
          }
        },
      };
    },
  };
}

/** The greatest value of a slot that can serve the request, 0 if none can. */
function bestSlotValue(slots: SlotColumns, row: number, request: SlotRequest): number {
  const { holders, labelOf, unitsFree, slotCount, maxSlots } = slots;
  const needed = unitsEach(slots, row, request);
  let best = 0;
  for (let slot = 0; slot < slotCount[row]; slot++) {
    const at = row * maxSlots + slot;
    if (unitsFree[at] < needed || (holders[at] > 0 && labelOf[at] !== request.label)) continue;
    best = Math.max(best, fenzoSlotValue(slots, row, slot, request));
  }
  return best;
}
