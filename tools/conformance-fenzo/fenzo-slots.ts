/**
 * The slots of one resource set of one host as Fenzo keeps them, fed with recorded assignments. Fenzo takes the name
 * off a slot when the last task that asked for it leaves; the name of a slot that was taken by tasks that asked for
 * nothing stays (PreferentialNamedConsumableResourceSet.release), which is the leak that this class is there for.
 */
import type { GoldenSet, GoldenSetRequest } from './golden-types.ts';
import { ABSENT } from './resource-sets.ts';

interface Slot {
  name: string | undefined;
  used: number;
  readonly holders: Map<string, GoldenSetRequest | undefined>;
}

export class FenzoSlots {
  readonly #set: GoldenSet;
  #slots: Slot[];

  constructor(set: GoldenSet) {
    this.#set = set;
    this.#slots = freshSlots(set);
  }

  /** @param request - undefined = the task asks nothing of the set */
  take(task: string, index: number, request: GoldenSetRequest | undefined): void {
    const slot = this.#slots[index];
    slot.name = request?.value ?? ABSENT;
    slot.used += request?.units ?? 0;
    slot.holders.set(task, request);
  }

  give(task: string): void {
    for (const slot of this.#slots) {
      if (!slot.holders.has(task)) continue;
      const request = slot.holders.get(task);
      slot.holders.delete(task);
      if (request === undefined) continue;
      slot.used -= request.units;
      if (slot.holders.size === 0) slot.name = undefined;
    }
  }

  /** Fenzo forgets the sets of hosts without tasks that become inactive. */
  clear(): void {
    this.#slots = freshSlots(this.#set);
  }

  /**
   * What the best slot is worth for a request, 0 = none can serve it.
   * @param leaky - false: as if idle slots had lost their name
   */
  value(request: GoldenSetRequest | undefined, leaky: boolean): number {
    const limit = this.#set.units;
    const needed = request?.units ?? 0;
    const values = this.#slots.map(({ name, used, holders }) => {
      const isFree = name === undefined || (!leaky && holders.size === 0);
      if (used + needed > limit) return 0;
      if (isFree) return 0.5 / (limit + 1);
      return name === (request?.value ?? ABSENT) ? (used + needed + 1) / (limit + 1) : 0;
    });
    return Math.max(0, ...values);
  }
}

function freshSlots({ slots }: GoldenSet): Slot[] {
  return Array.from({ length: slots }, () => ({ name: undefined, used: 0, holders: new Map() }));
}
