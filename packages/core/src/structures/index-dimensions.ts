/**
 * What an ordered index knows of every agent besides its rank: one value per scalar resource and per property of slots
 * that some class has asked for, and joint tightness: the least of free/total over several resources, in steps of
 * 2^-20. What fits has every value, and joint tightness, of at least the need. The joint values keep a
 * search out of children in which one agent has enough of each resource but none has enough of all.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import { type SlotRequest, WHOLE_SLOT } from '../slots/slot-table.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import type { RankSearch } from './rank-search.ts';

const STEPS = 2 ** 20;

type SlotProperty = 'idleSlots' | 'wholeSlots' | 'largestFree';

export class IndexDimensions {
  readonly #agents: AgentTable;
  /** Scalar resources with a dimension, in the order of their dimensions, which come first. */
  readonly #scalars: number[] = [];
  /** Dimension of a scalar resource, -1 if it has none. */
  readonly #dimensionOf: Int32Array;
  readonly #slots: { readonly set: number; readonly property: SlotProperty }[] = [];
  /** Resources of each joint dimension; these come last. */
  #joints: readonly (readonly number[])[] = [];
  /** Steps per unit of a resource: `#stepsPerUnit[type * resources + r]`. */
  #stepsPerUnit = new Float64Array(0);
  #columns: readonly Int32Array[] = [];

  constructor(agents: AgentTable) {
    this.#agents = agents;
    this.#dimensionOf = new Int32Array(agents.free.length).fill(-1);
  }

  get count(): number {
    return this.#scalars.length + this.#slots.length + this.#joints.length;
  }

  /** Makes sure that there are dimensions for all that a class asks for. @returns whether some are new */
  include(taskClass: TaskClass): boolean {
    const { demanded, slotRequests } = taskClass;
    let isNew = false;
    for (let i = 0; i < demanded.length; i++) {
      if (this.#dimensionOf[demanded[i]] >= 0) continue;
      this.#dimensionOf[demanded[i]] = this.#scalars.length;
      this.#scalars.push(demanded[i]);
      isNew = true;
    }
    for (let i = 0; i < slotRequests.length; i++) {
      const { set } = slotRequests[i];
      const property = propertyFor(taskClass, slotRequests[i]);
      if (property === undefined || this.#slotDimension(set, property) >= 0) continue;
      this.#slots.push({ set, property });
      isNew = true;
    }
    if (isNew) this.#joints = jointsOf(this.#scalars);
    return isNew;
  }

  /** Takes the columns and the types of agents as they are now. */
  refresh(): void {
    const { free, slots, typeTotals } = this.#agents;
    this.#columns = [
      ...this.#scalars.map((resource) => free[resource]),
      ...this.#slots.map(({ set, property }) => slots[set][property]),
    ];
    this.#stepsPerUnit = new Float64Array(typeTotals.length * free.length);
    typeTotals.forEach((totals, type) => {
      totals?.forEach((total, r) => {
        this.#stepsPerUnit[type * free.length + r] = total > 0 ? STEPS / total : 0;
      });
    });
  }

  /** Writes the values of an agent. */
  read(row: number, values: Int32Array): void {
    const columns = this.#columns;
    for (let d = 0; d < columns.length; d++) values[d] = columns[d][row];
    for (let j = 0; j < this.#joints.length; j++) {
      values[columns.length + j] = this.#tightness(this.#joints[j], this.#agents.typeOf[row], row);
    }
  }

  /** Asks for what a class needs of an agent of any type. */
  require(taskClass: TaskClass, search: RankSearch): void {
    const { demanded, needs, slotRequests } = taskClass;
    for (let i = 0; i < demanded.length; i++) search.require(this.#dimensionOf[demanded[i]], needs[i]);
    for (let i = 0; i < slotRequests.length; i++) {
      const property = propertyFor(taskClass, slotRequests[i]);
      if (property === undefined) continue;
      const need = property === 'largestFree' ? slotRequests[i].units : slotRequests[i].slots;
      search.require(this.#slotDimension(slotRequests[i].set, property), need);
    }
  }

  /** Asks for what a class needs of several resources together on agents of one type. */
  requireJoint(taskClass: TaskClass, type: number, search: RankSearch): void {
    const { demand } = taskClass;
    const first = this.#columns.length;
    const base = type * demand.length;
    for (let j = 0; j < this.#joints.length; j++) {
      const joint = this.#joints[j];
      let need = STEPS;
      for (let i = 0; i < joint.length; i++) {
        const steps = (demand[joint[i]] * this.#stepsPerUnit[base + joint[i]]) | 0;
        if (steps < need) need = steps;
      }
      if (need > 0) search.require(first + j, need);
    }
  }

  #tightness(joint: readonly number[], type: number, row: number): number {
    const { free } = this.#agents;
    const base = type * free.length;
    let least = STEPS;
    for (let i = 0; i < joint.length; i++) {
      const steps = (free[joint[i]][row] * this.#stepsPerUnit[base + joint[i]]) | 0;
      if (steps < least) least = steps;
    }
    return least;
  }

  #slotDimension(set: number, property: SlotProperty): number {
    for (let i = 0; i < this.#slots.length; i++) {
      if (this.#slots[i].set === set && this.#slots[i].property === property) return this.#scalars.length + i;
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

/** All resources together, and, of three or more, the first with each of the others. */
function jointsOf(resources: readonly number[]): readonly (readonly number[])[] {
  if (resources.length < 2) return [];
  if (resources.length === 2) return [resources];
  const [first, ...others] = resources;
  return [resources, ...others.map((other) => [first, other])];
}
