/**
 * Titus's choice of network interface (SimpleNetworkInterfaceFitnessEvaluator): fill interfaces in use, then take one
 * that is set up for the same security groups, then one that never was set up, and of the others the one that has been
 * idle longest, since re-binding an interface that was used a moment ago fails more often.
 */
import { type SlotColumns, type SlotFitness, show, StowageError } from '@stowage/core';
import { published } from '../published-score.ts';
import { type SlotRequest, unitsEach } from '../slot-sums.ts';

const LEAST_IN_USE = published(0.11);
const GREATEST_IN_USE = published(0.2);
const SET_UP_ALIKE = published(0.1);
const NEVER_SET_UP = published(0.099);
const JUST_LEFT = published(0.09);
const LONG_LEFT = published(0.098);

/** @public */
export interface TitusSlotsOptions {
  /** Idleness in ms from which on slots with another label are alike, above 0. Default 300,000, as in Titus. */
  readonly longIdleMs?: number;
}

/**
 * Scores a slot in use 0.11 to 0.20 by (used + needed + 1) / (units + 1), an idle one 0.100 with the label of the
 * request, 0.099 without a label, and with another label 0.090 to 0.098 by how long it has been idle; 10^9 = 1.0, rounded
 * to the nearest integer.
 * @throws StowageError INVALID_PLUGIN
 * @public
 */
export function titusSlots({ longIdleMs = 300_000 }: TitusSlotsOptions = {}): SlotFitness {
  if (!(Number.isFinite(longIdleMs) && longIdleMs > 0)) {
    throw new StowageError(
      'INVALID_PLUGIN',
      `titusSlots: longIdleMs is ${show(longIdleMs)}; give a number above 0.`,
    );
  }
  return {
    name: "Titus's interfaces",
    bind(cluster, task) {
      const sets = cluster.schema.sets.map(({ name }) => cluster.slots(name));
      const requests = cluster.schema.sets.map(({ name }) => task.slotDemand(name));
      return {
        score(row, set, slot) {
          const slots = sets[set];
          const request = requests[set]!;
          const at = row * slots.maxSlots + slot;
          if (slots.holders[at] > 0) return inUseScore(slots, row, slot, request);
          if (slots.labelOf[at] === request.label) return SET_UP_ALIKE;
          if (slots.labelOf[at] === 0) return NEVER_SET_UP;
          const share = Math.min(1, (cluster.nowMs() - slots.idleSinceMs[at]) / longIdleMs);
          return JUST_LEFT + Math.round((LONG_LEFT - JUST_LEFT) * share);
        },
      };
    },
  };
}

function inUseScore(slots: SlotColumns, row: number, slot: number, request: SlotRequest): number {
  const units = slots.unitsPerSlot[row];
  const used = units - slots.unitsFree[row * slots.maxSlots + slot];
  const share = (used + unitsEach(slots, row, request) + 1) / (units + 1);
  return LEAST_IN_USE + Math.round((GREATEST_IN_USE - LEAST_IN_USE) * share);
}
