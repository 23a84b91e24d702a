/**
 * The agents as a struct of arrays, one row per agent. A row number is a small integer that stays with its agent
 * and decides ties (the lowest wins); the lowest free row is given to a new agent. Agents with equal totals share
 * a type, so that per-agent constants are kept once per type.
 */
import { AttributeTable, grown } from './attribute-table.ts';
import type { AgentUnits } from './specs.ts';
import type { ResourceSchema } from './schema.ts';
import { SlotTable } from './slot-table.ts';

export const ABSENT = 0;
export const ACTIVE = 1;
export const DRAINING = 2;

export class AgentTable {
  /** Total and free units, per scalar resource and row. */
  readonly total: Int32Array[];
  readonly free: Int32Array[];
  readonly slots: SlotTable[];
  readonly attributes: AttributeTable;
  state: Uint8Array;
  /** 1 where new tasks may go: active and not claimed by an exclusive task. */
  open: Uint8Array;
  taskCount: Int32Array;
  /** 1 where a task runs that claims the whole agent. */
  claimed: Uint8Array;
  typeOf: Int32Array;
  /** Totals per type, scalars in order; undefined for a type without agents. */
  readonly typeTotals: (Int32Array | undefined)[] = [];
  /** One past the highest row in use. */
  rowCount = 0;
  live = 0;
  readonly #typeUsers: number[] = [];
  readonly #freeTypes: number[] = [];
  readonly #typeIds = new Map<string, number>();
  #lowestFree = 0;
  #typeVersion = 0;

  constructor(schema: ResourceSchema, capacity: number) {
    this.total = schema.scalars.map(() => new Int32Array(capacity));
    this.free = schema.scalars.map(() => new Int32Array(capacity));
    this.slots = schema.sets.map(() => new SlotTable(capacity));
    this.attributes = new AttributeTable(capacity);
    this.state = new Uint8Array(capacity);
    this.open = new Uint8Array(capacity);
    this.taskCount = new Int32Array(capacity);
    this.claimed = new Uint8Array(capacity);
    this.typeOf = new Int32Array(capacity);
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
    if (row === this.rowCount) this.rowCount++;
    this.live++;
    this.state[row] = ACTIVE;
    this.#installScalars(row, units);
    units.slots.forEach(({ slots, unitsPerSlot }, set) => this.slots[set].install(row, slots, unitsPerSlot));
    this.refreshOpen(row);
    return row;
  }

  /** Removes an agent that runs no task. */
  remove(row: number): void {
    this.#dropType(row);
    for (let r = 0; r < this.total.length; r++) {
      this.total[r][row] = 0;
      this.free[r][row] = 0;
    }
    for (const slots of this.slots) slots.install(row, 0, 0);
    this.attributes.clear(row);
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
    this.#dropType(row);
    this.#installScalars(row, units);
    units.slots.forEach(({ slots, unitsPerSlot }, set) => {
      if (!this.slots[set].hasShape(row, slots, unitsPerSlot))
        this.slots[set].install(row, slots, unitsPerSlot);
    });
    for (let r = 0; r < used.length; r++) this.free[r][row] -= used[r];
  }

  setState(row: number, state: typeof ACTIVE | typeof DRAINING): void {
    this.state[row] = state;
    this.refreshOpen(row);
  }

  refreshOpen(row: number): void {
    this.open[row] = this.state[row] === ACTIVE && this.claimed[row] === 0 ? 1 : 0;
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

  #dropType(row: number): void {
    const type = this.typeOf[row];
    if (--this.#typeUsers[type] > 0) return;
    this.#typeIds.delete(this.typeTotals[type]!.join());
    this.typeTotals[type] = undefined;
    this.#freeTypes.push(type);
    this.#typeVersion++;
  }

  #grow(capacity: number): void {
    const bytes = (column: Uint8Array): Uint8Array => {
      const larger = new Uint8Array(capacity);
      larger.set(column);
      return larger;
    };
    for (let r = 0; r < this.total.length; r++) {
      this.total[r] = grown(this.total[r], capacity);
      this.free[r] = grown(this.free[r], capacity);
    }
    for (const slots of this.slots) slots.grow(capacity);
    this.attributes.grow(capacity);
    this.state = bytes(this.state);
    this.open = bytes(this.open);
    this.claimed = bytes(this.claimed);
    this.taskCount = grown(this.taskCount, capacity);
    this.typeOf = grown(this.typeOf, capacity);
  }
}
