/**
 * Scores by load, as rankings have them (`assembly/upkeep.ts`), for structures that keep scores of their own. A score
 * is exact, and greater for the agent that ranks before another; scores of agents of different types are compared after
 * adding what the task adds. Doubles pass through registers, since one that is returned may be allocated.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { ClassBookings } from '../ledger/class-bookings.ts';
import { loadWeights } from '../plug-ins/load-weights.ts';
import type { LoadOrder } from './ordered-index.ts';

/** The steps of an agent that is full, at most. */
const FULL_STEPS = 2 ** 28;
/** The most that a number of steps can be: the difference of any two is a word. Bounds of searches may be beyond. */
export const MOST_STEPS: number = 2 ** 30 - 1;

export class RowLoads {
  /** The first two of the scalar resources that rank, the same twice if there is one only. */
  readonly first: number;
  readonly second: number;
  /** Register: a score. */
  readonly score: Float64Array = new Float64Array(1);
  /** What the task aimed at adds to scores, by type. */
  added: Float64Array = new Float64Array(0);
  /** Register: the most that it adds. */
  readonly mostAdded: Float64Array = new Float64Array(1);
  readonly #agents: AgentTable;
  readonly #bookings: ClassBookings;
  readonly #resources: readonly number[];
  readonly #sign: 1 | -1;
  #weights: Float64Array = new Float64Array(0);
  /** Load of a full agent, by type. */
  #fullLoads: Float64Array = new Float64Array(0);
  #stepsPerUnit = 1;

  constructor({ resources, prefer }: LoadOrder, agents: AgentTable, bookings: ClassBookings) {
    this.#agents = agents;
    this.#bookings = bookings;
    this.first = resources[0];
    this.second = resources[1] ?? resources[0];
    this.#resources = resources;
    this.#sign = prefer === 'greater' ? 1 : -1;
  }

  /** To be called when there are new types. O(types · resources). */
  refresh(): void {
    const { typeTotals } = this.#agents;
    const { weights, fullLoads } = loadWeights({ agentTypes: typeTotals }, this.#resources);
    this.#weights = weights;
    this.#fullLoads = fullLoads;
    const most = this.#fullLoads.reduce((greatest, load) => Math.max(greatest, load), 1);
    this.#stepsPerUnit = FULL_STEPS / 2 ** Math.ceil(Math.log2(most));
    this.added = new Float64Array(typeTotals.length);
  }

  /** Reads the score of an agent. */
  read(row: number): void {
    const { free, typeOf } = this.#agents;
    const resources = this.#resources;
    const type = typeOf[row];
    let load = this.#fullLoads[type];
    for (let r = 0; r < resources.length; r++) {
      load -= this.#weights[type * resources.length + r] * free[resources[r]][row];
    }
    this.score[0] = this.#sign * load;
  }

  /** The score in the register as a word: not smaller than that of a smaller score, but maybe the same. */
  get steps(): number {
    const steps = Math.floor(this.score[0] * this.#stepsPerUnit);
    return Math.max(-MOST_STEPS, Math.min(MOST_STEPS, steps)) | 0;
  }

  /** Turns to tasks of a class. O(types · resources). */
  aim(classId: number): void {
    const resources = this.#resources;
    const { typeTotals } = this.#agents;
    let most = -Infinity;
    for (let type = 0; type < typeTotals.length; type++) {
      if (typeTotals[type] === undefined) continue;
      let load = 0;
      for (let r = 0; r < resources.length; r++) {
        load += this.#weights[type * resources.length + r] * this.#bookings.demand(classId, resources[r]);
      }
      this.added[type] = this.#sign * load;
      if (this.added[type] > most) most = this.added[type];
    }
    this.mostAdded[0] = most;
  }
}
