/**
 * Gives tasks their CPUs, as titus-isolate does: static tasks of whole CPUs own theirs, all others share the rest.
 * Every arrival and departure is placed greedily at once and written to the cpusets of live containers; after a quiet
 * time a solver looks for something better in a thread of its own, and what the kernel holds is compared with what it
 * should. A CPU is taken from others before `prepare` resolves, so that it is free when its owner's container comes.
 * Cpusets lie in the containers' cgroups and go with them: nothing of this facility outlives a task.
 */
import type { AgentFeature, FeatureState, TaskSpec } from '@stowage/protocol';
import type { LiveContainer } from '../contract/container-backend.ts';
import type { Contribution, Facility } from '../contract/facility.ts';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type CpuHost, linuxCpuHost } from './cpu-host.ts';
import { CpuLedger } from './cpu-ledger.ts';
import { cpuLimits } from './cpu-limits.ts';
import { type CpusetFiles, cpusetFiles } from './cpuset-files.ts';
import { CpusetWriter, type WriteFailure } from './cpuset-writer.ts';
import { PlacementOptimizer } from './placement-optimizer.ts';
import { countsOf, type CpuPlacement, type CpuWorkload } from './placement.ts';
import { type CpuTopology, cpusOf, keepCpus } from './topology.ts';

export interface CpuFacilityOptions {
  /** CPUs that tasks never get. Default: none. */
  readonly reservedCpus?: readonly number[];
  /** CPUs that static tasks always leave to the others, at least 1. Default 1. */
  readonly minimumPool?: number;
  /** Time without arrivals and departures after which placement is reviewed, again and again. Default 30,000 ms. */
  readonly quietMs?: number;
  readonly host?: CpuHost;
  readonly files?: CpusetFiles;
  readonly optimizer?: Pick<PlacementOptimizer, 'optimize' | 'close'>;
  readonly clock?: Clock;
}

/** What of CPUs an operator may want to see; numbers count since the facility was opened. */
export interface CpuState {
  readonly placement: CpuPlacement;
  /** Tasks on several packages now. */
  readonly crossPackage: number;
  /** Cores now that an owner has to share. */
  readonly sharedCores: number;
  /** Tasks whose promise cannot be kept any more, as the host has lost CPUs. */
  readonly unserved: readonly string[];
  readonly movedCpus: number;
  readonly cpusetWrites: number;
  readonly failedWrites: number;
  /** Cpusets that somebody else had changed. */
  readonly repairedCpusets: number;
  readonly reviews: number;
  /** Reviews that moved something. */
  readonly improvements: number;
  readonly failedReviews: number;
  /** Of the last write or review that failed. */
  readonly lastError?: Error;
}

export class CpuFacility implements Facility {
  readonly name = 'cpu';

  readonly #host: CpuHost;
  readonly #hasSets: boolean;
  readonly #reserved: ReadonlySet<number>;
  readonly #quietMs: number;
  readonly #optimizer: Pick<PlacementOptimizer, 'optimize' | 'close'>;
  readonly #clock: Clock;
  readonly #ledger: CpuLedger;
  readonly #writer: CpusetWriter;

  #reviewedVersion = 0;
  #callOff: (() => void) | undefined;
  #review: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #totals = { reviews: 0, improvements: 0, failedReviews: 0 };
  #lastError: Error | undefined;

  private constructor(options: CpuFacilityOptions, host: CpuHost, hasSets: boolean, ledger: CpuLedger) {
    this.#host = host;
    this.#hasSets = hasSets;
    this.#ledger = ledger;
    this.#reserved = new Set(options.reservedCpus);
    this.#quietMs = options.quietMs ?? 30_000;
    this.#optimizer = options.optimizer ?? new PlacementOptimizer();
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#writer = new CpusetWriter(options.files ?? cpusetFiles());
  }

  /** @throws Error when the host's CPUs cannot be read, or too few are left for tasks */
  static async open(options: CpuFacilityOptions = {}): Promise<CpuFacility> {
    const { minimumPool = 1, host = linuxCpuHost() } = options;
    if (!Number.isInteger(minimumPool) || minimumPool < 1)
      throw new Error(`minimumPool is ${minimumPool}; it must be a whole number of CPUs, at least 1.`);
    const [all, hasSets] = await Promise.all([host.topology(), host.hasController('cpuset')]);
    const topology = without(all, new Set(options.reservedCpus));
    const cpus = cpusOf(topology).length;
    if (cpus < minimumPool)
      throw new Error(
        `${cpus} CPUs are left for tasks, fewer than minimumPool ${minimumPool}; reserve fewer.`,
      );
    return new CpuFacility(options, host, hasSets, new CpuLedger(topology, minimumPool));
  }

  async probe(): Promise<Partial<Record<AgentFeature, FeatureState>>> {
    const cpu = await this.#host.hasController('cpu');
    const state = (there: boolean, controller: string, detail: string): FeatureState =>
      there
        ? { level: 'enforced', detail }
        : { level: 'unavailable', detail: `There is no cgroup controller "${controller}".` };
    return {
      'cpu-shares': state(cpu, 'cpu', 'Weights of the cgroup controller "cpu".'),
      'cpu-quota': state(cpu, 'cpu', 'Bandwidth of the cgroup controller "cpu".'),
      'cpu-sets': state(this.#hasSets, 'cpuset', 'Own CPUs for static tasks; the others share the rest.'),
    };
  }

  /** @throws UnavailableError when this host, or what is free of it, is smaller than the request */
  async prepare(task: TaskSpec, signal: AbortSignal): Promise<Contribution> {
    signal.throwIfAborted();
    const { taskId } = task;
    this.#ledger.add(workloadOf(task));
    this.#reviewLater();
    const failures = await this.#write();
    const cpus = this.#ledger.cpusOf(taskId);
    const holders = this.#ledger.owns(taskId) ? stillHolding(failures, cpus) : [];
    if (holders.length > 0) {
      await this.release(taskId);
      throw new AggregateError(
        holders.map((id) => failures.get(id)!.error),
        `${holders.join(', ')} could not be moved off CPUs meant for ${taskId}.`,
      );
    }
    return {
      cpu: cpuLimits(task, this.#hasSets ? cpus : undefined),
      data: { arrival: this.#ledger.arrivalOf(taskId), cpus },
    };
  }

  async attach(task: TaskSpec, container: LiveContainer, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { taskId } = task;
    if (!this.#ledger.has(taskId)) throw new Error(`No CPUs were prepared for ${taskId}.`);
    if (!this.#hasSets) return;
    this.#track(taskId, container);
    // A container that an earlier agent made comes without `prepare`, and with no `sweep` while there are orphans.
    this.#ledger.placeAdopted();
    const failure = (await this.#write()).get(taskId);
    if (failure !== undefined) throw failure.error;
  }

  async adopt(task: TaskSpec, data: unknown, container: LiveContainer | undefined): Promise<void> {
    const { arrival, cpus } = adoptedData(data);
    this.#ledger.adopt(workloadOf(task), arrival, cpus);
    if (container === undefined || !this.#hasSets) return;
    this.#track(task.taskId, container);
    try {
      // It may have been moved after the journal was written.
      this.#ledger.adopt(workloadOf(task), arrival, await this.#writer.read(task.taskId));
    } catch (error) {
      // Then the journal has to do; the next write reads again and tells.
      this.#lastError = error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Does not fail for another container's sake: what could not be written is written again by the next review. */
  async release(taskId: string): Promise<void> {
    this.#writer.forget(taskId);
    if (!this.#ledger.has(taskId)) return;
    this.#ledger.remove(taskId);
    this.#reviewLater();
    await this.#write();
  }

  /** Places all adopted tasks together. There is nothing of this facility on the host to remove. */
  async sweep(): Promise<void> {
    this.#ledger.replace();
    this.#reviewLater();
    await this.#write();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff?.();
    await this.#optimizer.close();
    await this.#review;
    await this.#writer.settled();
  }

  state(): CpuState {
    const { placement, topology } = this.#ledger;
    const { crossPackage, sharedCores } = countsOf(topology, placement.own, placement.own);
    return {
      placement,
      crossPackage,
      sharedCores,
      unserved: this.#ledger.unserved(),
      movedCpus: this.#ledger.movedCpus,
      ...this.#writer.totals(),
      ...this.#totals,
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    };
  }

  #track(taskId: string, { cgroups }: LiveContainer): void {
    const path = cgroups.controllers.cpuset;
    if (path === undefined) throw new Error(`The container of ${taskId} has no cgroup with CPUs.`);
    this.#writer.track(taskId, { path, version: cgroups.version });
  }

  async #write(): Promise<ReadonlyMap<string, WriteFailure>> {
    const failures = await this.#writer.apply((taskId) => this.#ledger.cpusOf(taskId));
    for (const { error } of failures.values()) this.#lastError = error;
    return failures;
  }

  #reviewLater(): void {
    this.#callOff?.();
    if (this.#closed || this.#ledger.size === 0) return;
    this.#callOff = this.#clock.schedule(this.#quietMs, () => {
      this.#review = this.#reviewNow()
        .catch((error: unknown) => this.#reviewFailed(error))
        .then(() => this.#reviewLater());
    });
  }

  #reviewFailed(error: unknown): void {
    this.#totals.failedReviews++;
    this.#lastError = error instanceof Error ? error : new Error(String(error));
  }

  async #reviewNow(): Promise<void> {
    this.#totals.reviews++;
    await this.#writer.verify();
    this.#ledger.changeTopology(without(await this.#host.topology(), this.#reserved));
    const { version } = this.#ledger;
    if (version !== this.#reviewedVersion && !this.#closed) {
      const { placement, error } = await this.#optimizer.optimize(this.#ledger.request());
      if (error !== undefined) this.#reviewFailed(error);
      const before = this.#ledger.movedCpus;
      if (this.#ledger.offer(placement, version)) this.#reviewedVersion = version;
      if (this.#ledger.movedCpus > before) this.#totals.improvements++;
    }
    await this.#write();
  }
}

function without(topology: CpuTopology, reserved: ReadonlySet<number>): CpuTopology {
  return keepCpus(topology, (cpu) => !reserved.has(cpu));
}

function workloadOf({ taskId, cpuMode = 'burst', resources }: TaskSpec): CpuWorkload {
  return { id: taskId, mode: cpuMode, cpuMilli: resources.cpuMilli };
}

function stillHolding(failures: ReadonlyMap<string, WriteFailure>, cpus: readonly number[]): string[] {
  const holds = ({ held }: WriteFailure): boolean => held?.some((cpu) => cpus.includes(cpu)) ?? true;
  return [...failures].filter(([, failure]) => holds(failure)).map(([id]) => id);
}

/** What `prepare` gave, or as much of it as is there: a crash may have kept it from the journal. */
function adoptedData(data: unknown): { arrival?: number; cpus?: readonly number[] } {
  if (typeof data !== 'object' || data === null) return {};
  const { arrival, cpus } = data as { arrival?: unknown; cpus?: unknown };
  return {
    ...(Number.isSafeInteger(arrival) && { arrival: arrival as number }),
    ...(Array.isArray(cpus) && cpus.every(Number.isSafeInteger) && { cpus: cpus as number[] }),
  };
}
