/**
 * Which tasks there are and which CPUs each of them should have, in memory only. Every change places anew, greedily and
 * at once; a better placement may be offered later and counts only if nothing has changed since it was asked for.
 */
import { UnavailableError } from '../contract/container-backend.ts';
import { sameCpus } from './cpu-list.ts';
import { greedyPlacement } from './greedy-placement.ts';
import { admit, countsOf, type CpuPlacement, type CpuWorkload, type PlacementRequest } from './placement.ts';
import { type CpuTopology, cpusOf } from './topology.ts';

interface Entry {
  readonly workload: CpuWorkload;
  readonly arrival: number;
}

export class CpuLedger {
  readonly #minimumPool: number;
  #topology: CpuTopology;
  /** In order of arrival. */
  #entries: readonly Entry[] = [];
  #nextArrival = 1;
  #placement: CpuPlacement;
  #version = 0;
  #movedCpus = 0;
  /** Tasks were taken over since all were placed: the pool may still hold CPUs of theirs. */
  #isStale = false;

  /** @param minimumPool - at least 1, at most what the host has */
  constructor(topology: CpuTopology, minimumPool: number) {
    this.#topology = topology;
    this.#minimumPool = minimumPool;
    this.#placement = { own: new Map(), pool: cpusOf(topology) };
  }

  get topology(): CpuTopology {
    return this.#topology;
  }

  get placement(): CpuPlacement {
    return this.#placement;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** CPUs that owners had to exchange for others, since the beginning. */
  get movedCpus(): number {
    return this.#movedCpus;
  }

  has(id: string): boolean {
    return this.#entries.some(({ workload }) => workload.id === id);
  }

  arrivalOf(id: string): number | undefined {
    return this.#entries.find(({ workload }) => workload.id === id)?.arrival;
  }

  /** What a task should have now: its own, or the pool. */
  cpusOf(id: string): readonly number[] {
    return this.#placement.own.get(id) ?? this.#placement.pool;
  }

  owns(id: string): boolean {
    return this.#placement.own.has(id);
  }

  /** What is to be placed, and where it is. */
  request(): PlacementRequest {
    return {
      topology: this.#topology,
      workloads: this.#entries.map(({ workload }) => workload),
      previous: this.#placement.own,
      minimumPool: this.#minimumPool,
    };
  }

  /** Tasks that do not get what they were promised, because the host has lost CPUs since. */
  unserved(): readonly string[] {
    return admit(this.request()).refused;
  }

  /**
   * Adds a task and places it; one that is there already, by adoption, stays where it is.
   * @throws UnavailableError when this host, or what is free of it, is smaller than the request; nothing has changed,
   * but the task is not there
   */
  add(workload: CpuWorkload): void {
    const entries = this.has(workload.id)
      ? this.#entries
      : [...this.#entries, { workload, arrival: this.#nextArrival }];
    const workloads = entries.map((entry) => entry.workload);
    if (admit({ ...this.request(), workloads }).refused.includes(workload.id)) {
      this.remove(workload.id);
      throw this.#unavailable(workload);
    }
    if (entries === this.#entries) return;
    this.#entries = entries;
    this.#nextArrival++;
    this.replace();
  }

  /**
   * Takes over a task of before a restart; `replace` places all of them together.
   * @param arrival - undefined = after all others
   * @param held - what it has; only of interest when it can be its own
   */
  adopt(workload: CpuWorkload, arrival: number | undefined, held: readonly number[] | undefined): void {
    const { id, mode, cpuMilli } = workload;
    this.#isStale = true;
    if (!this.has(id)) {
      const entry = { workload, arrival: arrival ?? this.#nextArrival };
      this.#entries = [...this.#entries, entry].sort((a, b) => a.arrival - b.arrival);
      this.#nextArrival = Math.max(this.#nextArrival, entry.arrival + 1);
    }
    if (held !== undefined && mode === 'static' && held.length * 1000 === cpuMilli)
      this.#placement = { ...this.#placement, own: new Map([...this.#placement.own, [id, held]]) };
  }

  remove(id: string): void {
    if (!this.has(id)) return;
    this.#entries = this.#entries.filter(({ workload }) => workload.id !== id);
    this.replace();
  }

  /** Places all tasks if some were taken over since that was done. */
  placeAdopted(): void {
    if (this.#isStale) this.replace();
  }

  /** Places all tasks. */
  replace(): void {
    this.#version++;
    this.#isStale = false;
    this.#adoptPlacement(greedyPlacement(this.request()));
  }

  /** The host has gained or lost CPUs. Too few for the pool cannot be placed on: then all stays as it is. */
  changeTopology(topology: CpuTopology): void {
    const cpus = cpusOf(topology);
    if (sameCpus(cpus, cpusOf(this.#topology)) || cpus.length < this.#minimumPool) return;
    this.#topology = topology;
    this.replace();
  }

  /**
   * @param version - of the ledger when the placement was asked for
   * @returns whether it was taken
   */
  offer(placement: CpuPlacement, version: number): boolean {
    if (version !== this.#version) return false;
    this.#adoptPlacement(placement);
    return true;
  }

  #adoptPlacement(placement: CpuPlacement): void {
    this.#movedCpus += countsOf(this.#topology, placement.own, this.#placement.own).movedCpus;
    this.#placement = placement;
  }

  #unavailable({ cpuMilli, mode }: CpuWorkload): UnavailableError {
    const all = cpusOf(this.#topology).length;
    const { owners } = admit(this.request());
    const owned = owners.reduce((sum, { cpus }) => sum + cpus, 0);
    return new UnavailableError(
      `${cpuMilli / 1000} ${mode} CPUs are not there: of ${all} CPUs for tasks, ${owned} belong to others, ` +
        `and ${this.#minimumPool} or what others were promised must stay for all.`,
    );
  }
}
