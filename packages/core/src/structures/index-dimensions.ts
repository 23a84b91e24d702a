/**
 * What an ordered index knows of every agent besides its rank: one value per scalar resource that ranks, or that some
 * class has asked for, and per property of slots that some class has asked for. What fits has every value of at least
 * the need.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { BoundClass } from '../decisions/bound-class.ts';
import type { ClassBookings } from '../ledger/class-bookings.ts';
import { type SlotRequest, WHOLE_SLOT } from '../slots/slot-table.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { TIGHTNESS_STEPS } from './rank-forest.ts';

type SlotProperty = 'idleSlots' | 'wholeSlots' | 'largestFree';

export class IndexDimensions {
  declare private readonly agents: AgentTable;
  declare private readonly bookings: ClassBookings;
  /** Resources with a dimension, in the order of their dimensions, which come first. */
  declare private readonly scalars: number[];
  readonly #slots: { readonly set: number; readonly property: SlotProperty }[] = [];
  /** Columns of agents by dimension, as of the last `refresh`. */
  columns: readonly Int32Array[] = [];

  /** @param ranking - scalar resources that rank */
  constructor(agents: AgentTable, bookings: ClassBookings, ranking: readonly number[]) {
    this.agents = agents;
    this.bookings = bookings;
    this.scalars = [...ranking];
  }

  get scalarCount(): number {
    return this.scalars.length;
  }

  get slotCount(): number {
    return this.#slots.length;
  }

  /** Makes sure that there are dimensions for all that a class asks for. @returns whether some are new */
  include(taskClass: TaskClass): boolean {
    const { demanded, slotRequests } = taskClass;
    let isNew = false;
    for (let i = 0; i < demanded.length; i++) {
      if (this.#hasScalar(demanded[i])) continue;
      this.scalars.push(demanded[i]);
      isNew = true;
    }
    for (let i = 0; i < slotRequests.length; i++) {
      const { set } = slotRequests[i];
      const property = propertyFor(taskClass, slotRequests[i]);
      if (property === undefined || this.#slotDimension(set, property) >= 0) continue;
      this.#slots.push({ set, property });
      isNew = true;
    }
    return isNew;
  }

  /** Whether a class without slots asks for nothing that has no dimension. O(resources). */
  cover(classId: number): boolean {
    const { length } = this.agents.free;
    if (this.scalars.length === length) return true;
    for (let resource = 0; resource < length; resource++) {
      if (this.bookings.demand(classId, resource) > 0 && !this.#hasScalar(resource)) return false;
    }
    return true;
  }

  /** Takes the columns of agents as they are now. */
  refresh(): void {
    const { free, slots } = this.agents;
    this.columns = [
      ...this.scalars.map((resource) => free[resource]),
      ...this.#slots.map(({ set, property }) => slots[set][property]),
    ];
  }

  /** Numbers of an agent type, as a forest needs them: load when full; load and tightness per unit, and total, of each scalar. */
  typeNumbers(totals: Int32Array | undefined, weightOf: (resource: number) => number): Float64Array {
    const numbers = new Float64Array(1 + 3 * this.scalars.length);
    this.scalars.forEach((resource, i) => {
      const total = totals?.[resource] ?? 0;
      const weight = weightOf(resource);
      numbers[0] += weight * total;
      numbers.set([weight, total > 0 ? Math.floor(TIGHTNESS_STEPS / total) : 0, total], 1 + 3 * i);
    });
    return numbers;
  }

  /** Writes what a class needs of an agent. */
  request({ classId, isPicky, taskClass }: BoundClass, needs: Int32Array): void {
    const scalars = this.scalars;
    const bookings = this.bookings;
    for (let i = 0; i < scalars.length; i++) needs[i] = bookings.demand(classId, scalars[i]);
    for (let d = scalars.length; d < needs.length; d++) needs[d] = 0;
    if (isPicky) this.#requestSlots(taskClass, needs);
  }

  #requestSlots(taskClass: TaskClass, needs: Int32Array): void {
    const { slotRequests } = taskClass;
    for (let i = 0; i < slotRequests.length; i++) {
      const { set, units, slots } = slotRequests[i];
      const property = propertyFor(taskClass, slotRequests[i]);
      if (property === undefined) continue;
      const d = this.#slotDimension(set, property);
      const need = property === 'largestFree' ? units : slots;
      if (need > needs[d]) needs[d] = need;
    }
  }

  /** Whether a row with all that `request` writes for a class can run its tasks, whatever else holds of the row. */
  tellAll({ taskClass, asksBeyondSlots }: BoundClass): boolean {
    const { slotRequests } = taskClass;
    if (asksBeyondSlots) return false;
    for (let i = 0; i < slotRequests.length; i++) {
      const property = propertyFor(taskClass, slotRequests[i]);
      const isEnough =
        property === 'idleSlots' &&
        this.agents.slots[slotRequests[i].set].isServedByIdleSlots(slotRequests[i]);
      if (!isEnough) return false;
    }
    return true;
  }

  #hasScalar(resource: number): boolean {
    for (let i = 0; i < this.scalars.length; i++) if (this.scalars[i] === resource) return true;
    return false;
  }

  #slotDimension(set: number, property: SlotProperty): number {
    for (let i = 0; i < this.#slots.length; i++) {
      if (this.#slots[i].set === set && this.#slots[i].property === property) return this.scalars.length + i;
    }
    return -1;
  }
}

/**
 * The property of slots that must reach a number for a request to be served; for the request whose label has holders,
 * by an agent that is none of them.
 */
function propertyFor(taskClass: TaskClass, request: SlotRequest): SlotProperty | undefined {
  if (request.label !== 0) return request === taskClass.labelledRequest ? 'idleSlots' : undefined;
  if (request.units === WHOLE_SLOT) return 'wholeSlots';
  return request.units > 0 ? 'largestFree' : undefined;
}
