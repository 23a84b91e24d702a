/**
 * Offers and tasks as plain lists, from which everything is recomputed when it is asked: the model that `OfferPool`
 * is compared with. Cores and ports, each reserved for `web` or not.
 */
export const LANES = ['web', '*'] as const;
export type Lane = (typeof LANES)[number];
export type ByLane<T> = Readonly<Record<Lane, T>>;

export interface ModelOffer {
  readonly id: string;
  readonly agent: string;
  readonly atMs: number;
  readonly cpu: ByLane<number>;
  readonly ports: ByLane<readonly number[]>;
}

export interface ModelTask {
  readonly id: string;
  readonly agent: string;
  readonly cpu: number;
  /** How many ports. */
  readonly count: number;
  /** Offers handed over, or adopted. */
  launched: boolean;
  ports: number[];
  /** Cores taken from the lanes of the offer that the agent has now; single-offer mode. */
  taken: ByLane<number>;
}

export const NOTHING: ByLane<number> = { web: 0, '*': 0 };
export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
export const ascending = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

export class OfferModel {
  offers: ModelOffer[] = [];
  tasks: ModelTask[] = [];
  readonly agents: string[] = [];
  readonly counts = { held: 0, handedOver: 0, givenBack: 0, rescinded: 0, refused: 0 };
  readonly #single: boolean;

  constructor(single: boolean) {
    this.#single = single;
  }

  know(agent: string): void {
    if (!this.agents.includes(agent)) this.agents.push(agent);
  }

  hold(offer: ModelOffer): void {
    this.offers.push(offer);
    this.counts.held++;
    this.know(offer.agent);
    if (this.#single) for (const task of this.launchedOn(offer.agent)) this.attribute(task);
  }

  /** Running tasks are listed in the order in which they came to run. */
  launch(task: ModelTask): void {
    task.launched = true;
    this.tasks = [...this.tasks.filter((one) => one !== task), task];
  }

  drop(offers: readonly ModelOffer[], way: 'handedOver' | 'givenBack' | 'rescinded'): void {
    this.offers = this.offers.filter((offer) => !offers.includes(offer));
    this.counts.held -= offers.length;
    this.counts[way] += offers.length;
    for (const { agent } of offers) for (const task of this.launchedOn(agent)) task.taken = NOTHING;
  }

  /** What a task takes from the offers held now: reserved lanes first, lowest ports first. */
  attribute(task: ModelTask, before: ByLane<number> = NOTHING): ByLane<number> {
    task.taken = NOTHING;
    let missing = task.cpu;
    const taken = { web: 0, '*': 0 };
    for (const lane of LANES) {
      const offered = sum(this.heldOf(task.agent).map((offer) => offer.cpu[lane]));
      const others = this.#single
        ? sum(this.launchedOn(task.agent).map((one) => (one === task ? 0 : one.taken[lane])))
        : before[lane];
      taken[lane] = Math.min(missing, offered - others);
      missing -= taken[lane];
    }
    if (this.#single) task.taken = taken;
    for (const lane of LANES) {
      for (const port of this.portsFree(task.agent)) {
        if (task.ports.length >= task.count || this.laneOfPort(task.agent, port) !== lane) continue;
        task.ports = [...task.ports, port];
      }
    }
    task.ports = ascending(task.ports);
    return taken;
  }

  heldOf(agent: string): ModelOffer[] {
    return this.offers.filter((offer) => offer.agent === agent);
  }

  oldestOf(agent: string): ModelOffer {
    return this.heldOf(agent).reduce((a, b) => (b.atMs < a.atMs ? b : a));
  }

  launchedOn(agent: string): ModelTask[] {
    return this.tasks.filter((task) => task.launched && task.agent === agent);
  }

  newOn(agent: string): ModelTask[] {
    return this.tasks.filter((task) => !task.launched && task.agent === agent);
  }

  isWaiting(agent: string): boolean {
    return this.newOn(agent).some(({ cpu, count }) => cpu + count > 0);
  }

  freeCpu(agent: string): number {
    const offered = sum(this.heldOf(agent).map(({ cpu }) => cpu.web + cpu['*']));
    const used = sum(this.newOn(agent).map(({ cpu }) => cpu));
    const taken = sum(this.launchedOn(agent).map((task) => task.taken.web + task.taken['*']));
    return offered - taken - used;
  }

  laneOfPort(agent: string, port: number): Lane | undefined {
    return LANES.find((lane) => this.heldOf(agent).some((offer) => offer.ports[lane].includes(port)));
  }

  portsFree(agent: string): number[] {
    const offered = this.heldOf(agent).flatMap(({ ports }) => [...ports.web, ...ports['*']]);
    const held = this.tasks.filter((task) => task.agent === agent).flatMap(({ ports }) => ports);
    return ascending(offered).filter((port) => !held.includes(port));
  }

  freePorts(agent: string): number {
    return this.portsFree(agent).length - sum(this.newOn(agent).map(({ count }) => count));
  }
}
