/**
 * The agents as a struct of arrays, one row per agent. A row number is a small integer that stays with its agent
 * and decides ties (the lowest wins); the lowest free row is given to a new agent. Agents with equal totals share
 * a type, so that per-agent constants are kept once per type.
 */
import { AgentSignals } from './agent-signals.ts';
import { AttributeTable } from './attribute-table.ts';
import { CachedItemTable } from './cached-items.ts';
import { ColumnMemory } from './column-memory.ts';
import { grown, grownBytes } from '../support/grown.ts';
import type { AgentUnits } from '../resources/specs.ts';
import type { ResourceSchema } from '../resources/schema.ts';
import { SlotTable } from '../slots/slot-table.ts';

export const ABSENT = 0;
export const ACTIVE = 1;
export const DRAINING = 2;

/** An agent as it was at some time, without its tasks. */
export interface AgentRecord {
  readonly row: number;
  readonly state: number;
  readonly units: AgentUnits;
  readonly surplus: readonly number[];
  readonly lent: readonly number[];
  /** Label of every slot, by resource set. */
  readonly labels: readonly Int32Array[];
  /** Since when every slot is idle, by resource set. */
  readonly idleSinceMs: readonly Float64Array[];
  readonly signals: readonly (readonly [name: string, value: number])[];
  readonly cached: readonly (readonly [kind: string, items: readonly string[]])[];
}

export class AgentTable {
  /** Total and free units, per scalar resource and row. */
  declare readonly total: Int32Array[];
  declare free: Int32Array[];
  /**
   * Units by which what opportunistic tasks may book exceeds `free`, per scalar resource and row: reserved + lent -
   * booked by opportunistic tasks. Below -free when the owners want it back.
   */
  declare readonly surplus: Int32Array[];
  /** Units that tasks have booked and the agent reports as unused, per scalar resource and row. */
  declare readonly lent: Int32Array[];
  /** The time that callers have advanced to. */
  readonly clock: { nowMs: number } = { nowMs: 0 };
  declare readonly slots: SlotTable[];
  declare readonly attributes: AttributeTable;
  declare readonly signals: AgentSignals;
  readonly cached: CachedItemTable = new CachedItemTable();
  declare state: Uint8Array;
  /** 1 where new tasks may go: active and not claimed by an exclusive task. */
  declare open: Uint8Array;
  declare taskCount: Int32Array;
  /** Tasks that are placed and not known to run yet. */
  declare startingCount: Int32Array;
  /** Tasks that claim the whole agent: at most one, unless running tasks were adopted. */
  declare claims: Int32Array;
  declare typeOf: Int32Array;
  /** Totals per type, scalars in order; undefined for a type without agents. */
  readonly typeTotals: (Int32Array | undefined)[] = [];
  /** One past the highest row in use. */
  rowCount = 0;
  live = 0;
  /** Where `free`, `open` and `typeOf` stand, and the ring of the change journal; another one when the table has grown. */
  declare columns: ColumnMemory;
  readonly #treeBytes: (capacity: number) => number;
  readonly #typeUsers: number[] = [];
  readonly #freeTypes: number[] = [];
  readonly #typeIds = new Map<string, number>();
  #lowestFree = 0;
  #typeVersion = 0;

  /** @param treeBytes - room for class trees behind the columns of so many rows */
  constructor(schema: ResourceSchema, capacity: number, treeBytes: (capacity: number) => number = () => 0) {
    this.#treeBytes = treeBytes;
    this.#useColumns(new ColumnMemory(schema.scalars.length, capacity, treeBytes(capacity)));
    this.total = schema.scalars.map(() => new Int32Array(capacity));
    this.surplus = schema.scalars.map(() => new Int32Array(capacity));
    this.lent = schema.scalars.map(() => new Int32Array(capacity));
    this.slots = schema.sets.map(({ rebindAfterMs }) => new SlotTable(capacity, rebindAfterMs, this.clock));
    this.attributes = new AttributeTable(capacity);
    this.signals = new AgentSignals(capacity);
    this.state = new Uint8Array(capacity);
    this.taskCount = new Int32Array(capacity);
    this.startingCount = new Int32Array(capacity);
    this.claims = new Int32Array(capacity);
  }

  get capacity(): number {
    return this.state.length;
  }

  /** Changes when a type gains its first or loses its last agent. */
  get typeVersion(): number {
    return this.#typeVersion;
  }

  isPresent(row: number): boolean {
    return Number.isInteger(row) && row >= 0 && row < this.rowCount && this.state[row] !== ABSENT;
  }

  /** Adds an agent and returns its row. O(resources + attributes), and O(rows) when the columns grow or the free rows are far up. */
  add(units: AgentUnits): number {
    const row = this.#nextRow();
    if (row === this.capacity) this.#grow(this.capacity * 2);
    this.#lowestFree = row + 1;
    this.#occupy(row, units);
    return row;
  }

  /** Removes an agent that runs no task. */
  remove(row: number): void {
    this.#dropType(this.typeOf[row]);
    for (let r = 0; r < this.total.length; r++) {
      this.total[r][row] = 0;
      this.free[r][row] = 0;
      this.surplus[r][row] = 0;
      this.lent[r][row] = 0;
    }
    for (const slots of this.slots) slots.install(row, 0, 0);
    this.attributes.clear(row);
    this.signals.clear(row);
    this.cached.clear(row);
    this.state[row] = ABSENT;
    this.open[row] = 0;
    this.typeOf[row] = 0;
    this.live--;
    if (row < this.#lowestFree) this.#lowestFree = row;
    while (this.rowCount > 0 && this.state[this.rowCount - 1] === ABSENT) this.rowCount--;
  }

  /**
   * Replaces totals and attributes; what tasks use stays used, and slots that do not change keep their labels. The
   * caller has checked that it fits.
   */
  update(row: number, units: AgentUnits): void {
    const used = this.total.map((total, r) => total[row] - this.free[r][row]);
    const typeBefore = this.typeOf[row];
    this.#installScalars(row, units);
    this.#dropType(typeBefore);
    units.slots.forEach(({ slots, unitsPerSlot }, set) => {
      if (!this.slots[set].hasShape(row, slots, unitsPerSlot))
        this.slots[set].install(row, slots, unitsPerSlot);
    });
    for (let r = 0; r < used.length; r++) this.free[r][row] -= used[r];
  }

  /** Replaces scalar totals that change; what tasks use stays used. The caller has checked that it fits. */
  resize(row: number, totals: Int32Array): void {
    const typeBefore = this.typeOf[row];
    for (let r = 0; r < totals.length; r++) {
      this.free[r][row] += totals[r] - this.total[r][row];
      this.total[r][row] = totals[r];
    }
    this.typeOf[row] = this.#useType(totals);
    this.#dropType(typeBefore);
  }

  /** All that is known of an agent but its tasks. */
  record(row: number): AgentRecord {
    const { signals, cached, slots } = this;
    return {
      row,
      state: this.state[row],
      units: {
        scalars: Int32Array.from(this.total, (total) => total[row]),
        slots: slots.map((set) => ({ slots: set.slotCount[row], unitsPerSlot: set.unitsPerSlot[row] })),
        attributes: this.attributes.get(row),
      },
      surplus: this.surplus.map((column) => column[row]),
      lent: this.lent.map((column) => column[row]),
      labels: slots.map((set) => set.labelOf.slice(row * set.maxSlots, (row + 1) * set.maxSlots)),
      idleSinceMs: slots.map((set) => set.idleSinceMs.slice(row * set.maxSlots, (row + 1) * set.maxSlots)),
      signals: signals.get(row),
      cached: cached.kinds().map((kind) => [kind, cached.get(row, kind)]),
    };
  }

  /** Makes an agent what it was when it was recorded; it has the tasks that it had then. */
  reinstate(record: AgentRecord): void {
    const { row, units, state } = record;
    if (this.state[row] === ABSENT) this.#occupy(row, units);
    else this.update(row, units);
    record.labels.forEach((labels, set) => {
      const slots = this.slots[set];
      slots.labelOf.set(labels, row * slots.maxSlots);
      slots.idleSinceMs.set(record.idleSinceMs[set], row * slots.maxSlots);
      slots.refresh(row);
    });
    for (let r = 0; r < this.total.length; r++) {
      this.surplus[r][row] = record.surplus[r];
      this.lent[r][row] = record.lent[r];
    }
    this.signals.clear(row);
    for (const [name, value] of record.signals) this.signals.column(name)[row] = value;
    this.cached.clear(row);
    for (const [kind, items] of record.cached) this.cached.replace(row, kind, items);
    this.state[row] = state;
    this.refreshOpen(row);
  }

  setState(row: number, state: typeof ACTIVE | typeof DRAINING): void {
    this.state[row] = state;
    this.refreshOpen(row);
  }

  refreshOpen(row: number): void {
    this.open[row] = this.state[row] === ACTIVE && this.claims[row] === 0 ? 1 : 0;
  }

  #occupy(row: number, units: AgentUnits): void {
    if (row >= this.rowCount) this.rowCount = row + 1;
    this.live++;
    this.state[row] = ACTIVE;
    this.#installScalars(row, units);
    units.slots.forEach(({ slots, unitsPerSlot }, set) => this.slots[set].install(row, slots, unitsPerSlot));
    this.refreshOpen(row);
  }

  #nextRow(): number {
    let row = this.#lowestFree;
    while (row < this.rowCount && this.state[row] !== ABSENT) row++;
    return row;
  }

  #installScalars(row: number, units: AgentUnits): void {
    for (let r = 0; r < this.total.length; r++) {
      this.total[r][row] = units.scalars[r];
      this.free[r][row] = units.scalars[r];
    }
    this.attributes.set(row, units.attributes);
    this.typeOf[row] = this.#useType(units.scalars);
  }

  #useType(totals: Int32Array): number {
    const key = totals.join();
    let type = this.#typeIds.get(key);
    if (type === undefined) {
      type = this.#freeTypes.pop() ?? this.typeTotals.length;
      this.#typeIds.set(key, type);
      this.typeTotals[type] = totals.slice();
      this.#typeUsers[type] = 0;
      this.#typeVersion++;
    }
    this.#typeUsers[type]++;
    return type;
  }

  /** To be called after the new type of an agent is in use, so that an unchanged one lasts. */
  #dropType(type: number): void {
    if (--this.#typeUsers[type] > 0) return;
    this.#typeIds.delete(this.typeTotals[type]!.join());
    this.typeTotals[type] = undefined;
    this.#freeTypes.push(type);
    this.#typeVersion++;
  }

  /** Exchanges the columns last: until then the table is as it was, should there be no memory. */
  #grow(capacity: number): void {
    for (const columns of [this.total, this.surplus, this.lent]) {
      for (let r = 0; r < columns.length; r++) columns[r] = grown(columns[r], capacity);
    }
    for (const slots of this.slots) slots.grow(capacity);
    this.attributes.grow(capacity);
    this.signals.grow(capacity);
    this.taskCount = grown(this.taskCount, capacity);
    this.startingCount = grown(this.startingCount, capacity);
    this.claims = grown(this.claims, capacity);
    const state = grownBytes(this.state, capacity);
    const { free, open, typeOf } = this.columns;
    const larger = new ColumnMemory(free.length, capacity, this.#treeBytes(capacity));
    larger.free.forEach((column, r) => column.set(free[r]));
    larger.open.set(open);
    larger.typeOf.set(typeOf);
    this.state = state;
    this.#useColumns(larger);
  }

  #useColumns(columns: ColumnMemory): void {
    this.columns = columns;
    this.free = columns.free;
    this.open = columns.open;
    this.typeOf = columns.typeOf;
  }
}
