/**
 * The agents that have a slot in use under a label, per label of one resource set: those which can serve a request for
 * that label although they have no idle slot. Brought up to date from the change journal when asked. A row stands in a
 * list once, for the first of its slots under that label.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { MAX_SLOTS } from '../slots/slot-table.ts';
import { grown } from '../support/grown.ts';

export class SlotHolders {
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #set: number;
  /** Whether labels stay on idle slots, so that only their own tasks may take these. */
  readonly #keepsLabels: boolean;
  /** Label under which a slot is listed, and its place in that list; by slot. */
  #listedAs: Int32Array = new Int32Array(0);
  #placeOf: Int32Array = new Int32Array(0);
  /** Slots by label, and the rows that these belong to. */
  readonly #lists: Int32Array[] = [];
  readonly #rowLists: Int32Array[] = [];
  readonly #sizes: number[] = [];
  #stride = 0;
  /** Labels of the slots of the row that is looked at. */
  readonly #labels = new Int32Array(MAX_SLOTS);
  #seen = -1;

  constructor(set: number, keepsLabels: boolean, agents: AgentTable, journal: ChangeJournal) {
    this.#set = set;
    this.#keepsLabels = keepsLabels;
    this.#agents = agents;
    this.#journal = journal;
  }

  /** Writes the rows that hold a label, each once, in any order. @returns their number */
  rowsInto(label: number, rows: Int32Array): number {
    const size = this.#sizes[label] ?? 0;
    const list = this.#rowLists[label];
    for (let i = 0; i < size; i++) rows[i] = list[i];
    return size;
  }

  /** @param rows - overwritten; as long as the agent table has capacity */
  synchronise(rows: Int32Array): void {
    const slots = this.#agents.slots[this.#set];
    const isUsable = this.#stride === slots.maxSlots && this.#listedAs.length === slots.labelOf.length;
    const count = isUsable ? this.#journal.changedSinceInto(this.#seen, rows) : -1;
    if (count < 0) this.#build();
    else for (let i = 0; i < count; i++) this.#refresh(rows[i]);
    this.#seen = this.#journal.version;
  }

  #build(): void {
    const slots = this.#agents.slots[this.#set];
    this.#stride = slots.maxSlots;
    this.#listedAs = new Int32Array(slots.labelOf.length);
    this.#placeOf = new Int32Array(slots.labelOf.length);
    this.#sizes.fill(0);
    for (let row = 0; row < this.#agents.rowCount; row++) this.#refresh(row);
  }

  #refresh(row: number): void {
    const { labelOf, holders, maxSlots } = this.#agents.slots[this.#set];
    const labels = this.#labels;
    const first = row * maxSlots;
    for (let slot = 0; slot < maxSlots; slot++) {
      const at = first + slot;
      let label = holders[at] > 0 || this.#keepsLabels ? labelOf[at] : 0;
      labels[slot] = label;
      for (let other = 0; label !== 0 && other < slot; other++) if (labels[other] === label) label = 0;
      const before = this.#listedAs[at];
      if (label === before) continue;
      if (before !== 0) this.#remove(at, before);
      if (label !== 0) this.#add(at, row, label);
      this.#listedAs[at] = label;
    }
  }

  #add(at: number, row: number, label: number): void {
    while (this.#sizes.length <= label) {
      this.#sizes.push(0);
      this.#lists.push(new Int32Array(8));
      this.#rowLists.push(new Int32Array(8));
    }
    const place = this.#sizes[label]++;
    if (place === this.#lists[label].length) {
      this.#lists[label] = grown(this.#lists[label], place * 2);
      this.#rowLists[label] = grown(this.#rowLists[label], place * 2);
    }
    this.#lists[label][place] = at;
    this.#rowLists[label][place] = row;
    this.#placeOf[at] = place;
  }

  #remove(at: number, label: number): void {
    const list = this.#lists[label];
    const rows = this.#rowLists[label];
    const size = --this.#sizes[label];
    const place = this.#placeOf[at];
    list[place] = list[size];
    rows[place] = rows[size];
    this.#placeOf[list[size]] = place;
  }
}
