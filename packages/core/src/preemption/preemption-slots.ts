/**
 * How many slots an agent still lacks for a request while victims are taken away one after the other.
 *
 * A slot that cannot serve becomes able to when enough units of it are given back, or, where it carries another label,
 * when all its holders have left and the label does not outlast them. So every slot has a least number of victims that
 * it takes, and the slots that are easiest to free give a lower bound for all that are missing.
 */
import type { Ledger } from '../ledger/ledger.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import type { SlotRequest, SlotTable } from '../slots/slot-table.ts';

/** What a task holds of the slots of a set. */
export interface SlotHolding {
  readonly mask: number;
  /** From each slot. */
  readonly units: number;
}

/** A slot that cannot serve yet. */
interface LockedSlot {
  readonly bit: number;
  /** Whether its label has to go, and with it every holder. */
  readonly isForeign: boolean;
  holders: number;
  unitsMissing: number;
}

export class SlotShortage {
  /** Slots that cannot serve yet and could, by bit. */
  readonly lockedMask: number;
  /** Slots missing before anything was taken away. */
  readonly #missing: number;
  readonly #locked: readonly LockedSlot[];

  constructor(slots: SlotTable, row: number, request: SlotRequest, rebindsAtOnce: boolean) {
    const units = slots.unitsOf(row, request);
    const locked: LockedSlot[] = [];
    for (let slot = 0; slot < slots.slotCount[row]; slot++) {
      const at = row * slots.maxSlots + slot;
      const bit = 1 << slot;
      const label = slots.labelOf[at];
      const isForeign = label !== request.label;
      if (slots.eligibleAmong(row, bit, request) === 1 || slots.holders[at] === 0) continue;
      if (isForeign && label !== 0 && !rebindsAtOnce) continue;
      locked.push({
        bit,
        isForeign,
        holders: slots.holders[at],
        unitsMissing: units - slots.unitsFree[at],
      });
    }
    this.#locked = locked;
    this.lockedMask = locked.reduce((mask, { bit }) => mask | bit, 0);
    this.#missing = request.slots - slots.countEligible(row, request);
  }

  /** Slots still missing. */
  get wanted(): number {
    let wanted = this.#missing;
    for (const slot of this.#locked) if (isUnlocked(slot)) wanted--;
    return Math.max(0, wanted);
  }

  /** Takes a holder away (sign 1) or puts it back (sign -1). */
  remove({ mask, units }: SlotHolding, sign: 1 | -1): void {
    for (const slot of this.#locked) {
      if ((mask & slot.bit) === 0) continue;
      slot.holders -= sign;
      slot.unitsMissing -= sign * units;
    }
  }

  /** A lower bound on the victims still needed, 0 when enough slots serve, if only these holders can still leave. */
  leastMore(remaining: readonly SlotHolding[], from: number): number {
    const { wanted } = this;
    if (wanted === 0) return 0;
    const costs: number[] = [];
    for (const slot of this.#locked) {
      if (!isUnlocked(slot)) costs.push(leastToUnlock(slot, remaining, from));
    }
    if (costs.length < wanted) return Infinity;
    return costs.sort((a, b) => a - b)[wanted - 1];
  }
}

/** What a task holds of a set; the mask is 0 when it holds nothing. */
export function holdingOf({ agents, tasks, classes }: Ledger, index: number, set: number): SlotHolding {
  const request = classes[tasks.classOf(index)]!.slotRequests.find((candidate) => candidate.set === set);
  if (request === undefined) return { mask: 0, units: 0 };
  const units = agents.slots[set].unitsOf(tasks.agentOf(index), request);
  return { mask: tasks.slotMasks[set][index], units };
}

/** What each request of a class lacks on a row; empty when it lacks nothing. */
export function slotShortages(
  { agents }: Ledger,
  schema: ResourceSchema,
  row: number,
  requests: readonly SlotRequest[],
): { readonly set: number; readonly shortage: SlotShortage }[] {
  return requests
    .map((request) => {
      const { set } = request;
      const rebindsAtOnce = schema.sets[set].rebindAfterMs === 0;
      return { set, shortage: new SlotShortage(agents.slots[set], row, request, rebindsAtOnce) };
    })
    .filter(({ shortage }) => shortage.wanted > 0);
}

/** Bits set in a mask. */
export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function isUnlocked({ isForeign, holders, unitsMissing }: LockedSlot): boolean {
  return unitsMissing <= 0 && (!isForeign || holders === 0);
}

function leastToUnlock(
  { bit, isForeign, holders, unitsMissing }: LockedSlot,
  remaining: readonly SlotHolding[],
  from: number,
): number {
  let count = 0;
  let sum = 0;
  let most = 0;
  for (let i = from; i < remaining.length; i++) {
    const { mask, units } = remaining[i];
    if ((mask & bit) === 0) continue;
    count++;
    sum += units;
    if (units > most) most = units;
  }
  if (sum < unitsMissing) return Infinity;
  if (isForeign) return count === holders ? holders : Infinity;
  return Math.ceil(unitsMissing / most);
}
