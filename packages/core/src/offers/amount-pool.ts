/**
 * Amounts of scalar resources, in units, by lane: what offers bring and what tasks take of it. The counterpart of
 * `ValuePool` for what has no identity. Invariant: 0 ≤ taken ≤ offered. A lane that no offer feeds any more is
 * forgotten together with what was taken from it: the tasks have taken their units away with the offer.
 */

interface AmountLane {
  offered: number;
  taken: number;
  offers: number;
}

export class AmountPool {
  readonly #lanes = new Map<string, AmountLane>();
  /** What a holder has taken, by lane; of lanes that were forgotten it does not matter. */
  readonly #holders = new Map<string, Map<AmountLane, number>>();

  offer(lane: string, units: number): void {
    const entry = this.#lanes.get(lane) ?? { offered: 0, taken: 0, offers: 0 };
    entry.offered += units;
    entry.offers++;
    this.#lanes.set(lane, entry);
  }

  /** Takes back what one offer brought; the caller gives the same units as to `offer`. */
  withdraw(lane: string, units: number): void {
    const entry = this.#lanes.get(lane)!;
    entry.offered -= units;
    if (--entry.offers === 0) this.#lanes.delete(lane);
  }

  free(lane: string): number {
    const entry = this.#lanes.get(lane);
    return entry === undefined ? 0 : entry.offered - entry.taken;
  }

  /** Takes at most so many units. @returns how many */
  take(holder: string, lane: string, units: number): number {
    const taken = Math.min(units, this.free(lane));
    if (taken <= 0) return 0;
    const entry = this.#lanes.get(lane)!;
    entry.taken += taken;
    const holding = this.#holders.get(holder) ?? new Map<AmountLane, number>();
    holding.set(entry, (holding.get(entry) ?? 0) + taken);
    this.#holders.set(holder, holding);
    return taken;
  }

  release(holder: string): void {
    for (const [entry, units] of this.#holders.get(holder) ?? []) entry.taken -= units;
    this.#holders.delete(holder);
  }
}
