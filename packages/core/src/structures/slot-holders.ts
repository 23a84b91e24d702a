/**
 * The agents that have a slot in use under a label, per label of one resource set: those which can serve a request for
 * that label although they have no idle slot. They are listed with their scores by load, so that most are passed over
 * without a look at them. Brought up to date from the change journal when asked. A row stands in a list once, for the
 * first of its slots under that label.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ChangeJournal } from '../ledger/change-journal.ts';
import { FIRST_FREE, HolderLists, ROW, SECOND_FREE, STEPS, WORDS } from './holder-lists.ts';
import type { RowLoads } from './row-loads.ts';

export class SlotHolders {
  readonly #agents: AgentTable;
  readonly #journal: ChangeJournal;
  readonly #loads: RowLoads;
  readonly #set: number;
  /** Whether labels stay on idle slots, so that only their own tasks may take these. */
  readonly #keepsLabels: boolean;
  #lists = new HolderLists(0);
  /** Label that a slot held when its row was last looked at. */
  #labelOf: Int32Array = new Int32Array(0);
  #stride = 0;
  #typeVersion = -1;
  #seen = -1;

  constructor(
    set: number,
    keepsLabels: boolean,
    agents: AgentTable,
    journal: ChangeJournal,
    loads: RowLoads,
  ) {
    this.#set = set;
    this.#keepsLabels = keepsLabels;
    this.#agents = agents;
    this.#journal = journal;
    this.#loads = loads;
  }

  /**
   * The lists as they are now.
   * @param rows - overwritten; as long as the agent table has capacity
   */
  upToDate(rows: Int32Array): HolderLists {
    const count = this.#isUsable ? this.#journal.changedSinceInto(this.#seen, rows) : -1;
    if (count < 0) this.#build();
    else for (let i = 0; i < count; i++) this.#refresh(rows[i]);
    this.#seen = this.#journal.version;
    return this.#lists;
  }

  /** Broken invariants in words. O(slots · slots of an agent). */
  *verify(): Generator<string> {
    if (!this.#isUsable || this.#seen !== this.#journal.version) return;
    const { maxSlots } = this.#agents.slots[this.#set];
    let held = 0;
    for (let row = 0; row < this.#agents.rowCount; row++) {
      const labels = new Set<number>();
      for (let slot = row * maxSlots; slot < (row + 1) * maxSlots; slot++) {
        const label = this.#heldLabel(slot);
        if (label === 0 || labels.has(label)) continue;
        labels.add(label);
        if (!this.#isListed(row, slot, label)) yield `row ${row} is not listed as a holder of label ${label}`;
      }
      held += labels.size;
    }
    if (held !== this.#lists.total)
      yield `${this.#lists.total} holders of labels are listed instead of ${held}`;
  }

  /** Whether a row stands in the list of a label for a slot, with what it has now. */
  #isListed(row: number, slot: number, label: number): boolean {
    const { free } = this.#agents;
    const lists = this.#lists;
    const at = lists.wordsOf[slot];
    const place = at - lists.startOf(label);
    return (
      place >= 0 &&
      place < WORDS * lists.sizeOf(label) &&
      lists.words[at + STEPS] === this.#stepsOf(row) &&
      lists.words[at + FIRST_FREE] === free[this.#loads.first][row] &&
      lists.words[at + SECOND_FREE] === free[this.#loads.second][row] &&
      lists.words[at + ROW] === row
    );
  }

  get #isUsable(): boolean {
    const { maxSlots, labelOf } = this.#agents.slots[this.#set];
    return (
      this.#stride === maxSlots &&
      this.#labelOf.length === labelOf.length &&
      this.#typeVersion === this.#agents.typeVersion
    );
  }

  #build(): void {
    const { maxSlots, labelOf } = this.#agents.slots[this.#set];
    this.#stride = maxSlots;
    this.#labelOf = new Int32Array(labelOf.length);
    this.#lists = new HolderLists(labelOf.length);
    this.#typeVersion = this.#agents.typeVersion;
    this.#loads.refresh();
    for (let row = 0; row < this.#agents.rowCount; row++) this.#refresh(row);
  }

  /** Brings a row up to date: as a rule, what its entries say of it only. */
  #refresh(row: number): void {
    const { words, wordsOf } = this.#lists;
    const { labelOf, holders } = this.#agents.slots[this.#set];
    const keepsLabels = this.#keepsLabels;
    const knownLabelOf = this.#labelOf;
    const steps = this.#stepsOf(row);
    const firstFree = this.#agents.free[this.#loads.first][row];
    const secondFree = this.#agents.free[this.#loads.second][row];
    const first = row * this.#stride;
    const end = first + this.#stride;
    let isSame = true;
    for (let slot = first; slot < end; slot++) {
      const label = heldLabel(labelOf, holders, keepsLabels, slot);
      if (label !== knownLabelOf[slot]) isSame = false;
      const at = wordsOf[slot];
      if (at < 0) continue;
      words[at + STEPS] = steps;
      words[at + FIRST_FREE] = firstFree;
      words[at + SECOND_FREE] = secondFree;
    }
    if (isSame) return;
    this.#relist(row, first, end);
    this.#refresh(row);
  }

  /** Moves a row to the lists in which it belongs. */
  #relist(row: number, first: number, end: number): void {
    const lists = this.#lists;
    for (let slot = first; slot < end; slot++) {
      const before = this.#labelOf[slot];
      const label = this.#heldLabel(slot);
      const wasListed = lists.wordsOf[slot] >= 0;
      const isListed = label !== 0 && !this.#isAmong(label, first, slot);
      this.#labelOf[slot] = label;
      if (label === before && isListed === wasListed) continue;
      if (wasListed) lists.remove(before, slot);
      if (isListed) lists.add(label, slot, row);
    }
  }

  #stepsOf(row: number): number {
    this.#loads.read(row);
    return this.#loads.steps;
  }

  #heldLabel(slot: number): number {
    const { labelOf, holders } = this.#agents.slots[this.#set];
    return heldLabel(labelOf, holders, this.#keepsLabels, slot);
  }

  /** Whether one of some slots that were looked at holds a label. */
  #isAmong(label: number, first: number, end: number): boolean {
    for (let at = first; at < end; at++) if (this.#labelOf[at] === label) return true;
    return false;
  }
}

/** Label that keeps a slot from others, 0 if there is none. */
function heldLabel(labelOf: Int32Array, holders: Int32Array, keepsLabels: boolean, slot: number): number {
  return holders[slot] > 0 || keepsLabels ? labelOf[slot] : 0;
}
