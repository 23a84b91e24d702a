/**
 * The parts of a cell together on a virtual clock: machines go through the queue to the scheduler, the auto-scaler opens
 * a host for each one that finds none, and closes hosts that have fallen empty. A cycle stops at the first machine that
 * finds no host, the pool grows, and the next cycle begins with that machine; hosts are ready at once. So with first fit
 * the outcome is that of the plain loop `place on the first host with room, else on a new one`.
 */
import { AutoScaler, classifyFailure, type FailedTask, whatIfShortfall } from '@stowage/autoscale';
import { type FitnessCalculator, type PlacementFailure, Scheduler, type TaskSpec } from '@stowage/core';
import { type QueuedTask, TieredQueue } from '@stowage/queues';
import { consolidate, type Consolidation } from './consolidation.ts';
import type { ExitForecast, HostForecast } from './exit-forecast.ts';
import type { HostHours, HostShape } from './host-hours.ts';
import type { VmTrace } from './vm-trace.ts';

const POOL = 'hosts';

/** What decides about hosts. */
export interface ElasticPolicy {
  readonly name: string;
  /** Default: first fit. */
  readonly fitness?: () => FitnessCalculator;
  /** What `leastExtension` is told. */
  readonly forecast?: (trace: VmTrace) => ExitForecast;
  readonly consolidation?: Consolidation;
}

interface Host {
  /** Indices of its machines. */
  readonly vms: Set<number>;
  readonly forecast: HostForecast | undefined;
  reportedS: number;
}

interface QueuedMachine extends QueuedTask {
  readonly vm: number;
  readonly spec: TaskSpec;
}

export class ElasticFleet {
  readonly #trace: VmTrace;
  readonly #hours: HostHours;
  readonly #forecast: ExitForecast | undefined;
  readonly #consolidation: Consolidation | undefined;
  readonly #scheduler: Scheduler;
  readonly #queue: TieredQueue<QueuedMachine>;
  readonly #scaler: AutoScaler;
  readonly #template: { readonly resources: { readonly cpu: number; readonly memory: number } };
  readonly #hosts = new Map<string, Host>();
  /** Host of every machine that runs. */
  readonly #hostOf = new Map<number, string>();
  #idleHosts = 0;
  #opened = 0;
  #closed = 0;
  #migrations = 0;
  #refused = 0;

  constructor(trace: VmTrace, shape: HostShape, policy: ElasticPolicy, hours: HostHours) {
    this.#trace = trace;
    this.#hours = hours;
    this.#forecast = policy.forecast?.(trace);
    this.#consolidation = policy.consolidation;
    this.#scheduler = new Scheduler(policy.fitness === undefined ? {} : { fitness: policy.fitness() });
    this.#queue = new TieredQueue({ tiers: 1, schema: this.#scheduler.engine.schema });
    this.#template = { resources: { cpu: shape.cpu, memory: shape.memoryMiB } };
    this.#scaler = new AutoScaler({
      shortfall: whatIfShortfall(this.#scheduler),
      rules: [{ pool: POOL, minIdle: 0, maxIdle: 0, coolDownMs: 0, template: this.#template }],
    });
  }

  get opened(): number {
    return this.#opened;
  }

  get closed(): number {
    return this.#closed;
  }

  get migrations(): number {
    return this.#migrations;
  }

  /** Machines that no host of this shape could hold. */
  get refused(): number {
    return this.#refused;
  }

  /** Lets machines leave. */
  leave(vms: readonly number[], nowS: number): void {
    for (const vm of vms) {
      const id = this.#hostOf.get(vm);
      if (id === undefined) continue;
      this.#scheduler.release(taskId(vm));
      this.#queue.remove(taskId(vm));
      this.#hostOf.delete(vm);
      this.#forecast?.ended?.(vm, nowS);
      this.#hours.machine(this.#flavourOf(vm), -1);
      this.#takeOff(vm, id);
    }
  }

  /** What happens once in every bin before machines arrive: forecasts anew, migrations when they are due. */
  beginBin(nowS: number): void {
    this.#scheduler.advanceTo(nowS * 1000);
    if (this.#forecast?.changesWithTime === true) {
      this.#forecast.advance?.(nowS, this.#hostOf.keys());
      for (const id of this.#hosts.keys()) this.#forecastAnew(id, nowS);
    }
    if (this.#consolidation !== undefined && nowS % this.#consolidation.everyS === 0) this.#consolidate(nowS);
  }

  /** Closes the hosts that have fallen empty. */
  shrink(nowS: number): void {
    if (this.#idleHosts > 0) this.#scale([], nowS);
  }

  /** Places machines, on new hosts where there is no room. */
  arrive(vms: readonly number[], nowS: number): void {
    for (const vm of vms) this.#queue.enqueue(this.#queued(vm), nowS * 1000);
    for (;;) {
      const stopped = this.#cycle(nowS);
      if (stopped === undefined) return;
      if (this.#scale([stopped.failed], nowS)) continue;
      this.#queue.remove(stopped.failed.task.id);
      this.#refused++;
    }
  }

  /** One scheduling cycle. @returns the task at which it stopped because no host had room */
  #cycle(nowS: number): { readonly failed: FailedTask } | undefined {
    const cycle = this.#queue.cycle(nowS * 1000);
    try {
      for (let task = cycle.next(); task !== undefined; task = cycle.next()) {
        const { placements, failures } = this.#scheduler.schedule([task.spec]);
        if (placements.length === 0) return { failed: failedTask(task.spec, failures[0], nowS) };
        cycle.placed(task);
        this.#hours.machine(this.#flavourOf(task.vm), 1);
        this.#putOn(task.vm, placements[0].agent, nowS);
      }
      return undefined;
    } finally {
      cycle.end();
    }
  }

  /** @returns whether hosts were opened */
  #scale(failedTasks: readonly FailedTask[], nowS: number): boolean {
    const agents = Array.from(this.#hosts, ([id, { vms }]) => ({ id, pool: POOL, idle: vms.size === 0 }));
    const { decisions } = this.#scaler.evaluate(
      { agents, failedTasks, starting: { [POOL]: 0 } },
      nowS * 1000,
    );
    let grown = false;
    for (const decision of decisions) {
      if (decision.kind === 'scale-up') {
        for (let i = 0; i < decision.count; i++) this.#open();
        grown = true;
      } else {
        for (const id of decision.agents) this.#close(id);
      }
    }
    return grown;
  }

  #open(): void {
    const id = `host-${++this.#opened}`;
    this.#scheduler.addAgent({ id, ...this.#template });
    this.#hosts.set(id, { vms: new Set(), forecast: this.#forecast?.host(), reportedS: -1 });
    this.#idleHosts++;
    this.#hours.hostsChanged(1);
  }

  #close(id: string): void {
    this.#scheduler.removeAgent(id);
    this.#hosts.delete(id);
    this.#closed++;
    this.#idleHosts--;
    this.#hours.hostsChanged(-1);
  }

  #consolidate(nowS: number): void {
    const migrations = consolidate(this.#scheduler, this.#consolidation!);
    for (const { task, from, to } of migrations) {
      const vm = vmOf(task);
      this.#scheduler.release(task);
      const { failures } = this.#scheduler.schedule([{ ...this.#specOf(vm), agent: to }]);
      if (failures.length > 0) throw new Error(`a planned migration is refused: ${failures[0].reason}`);
      this.#takeOff(vm, from);
      this.#putOn(vm, to, nowS);
      this.#migrations++;
    }
    for (const { from } of migrations) this.#forecastAnew(from, nowS);
  }

  #putOn(vm: number, id: string, nowS: number): void {
    const host = this.#hosts.get(id)!;
    if (host.vms.size === 0) this.#idleHosts--;
    host.vms.add(vm);
    this.#hostOf.set(vm, id);
    host.forecast?.placed(vm, nowS);
    this.#report(id, host);
  }

  #takeOff(vm: number, id: string): void {
    const { vms } = this.#hosts.get(id)!;
    vms.delete(vm);
    if (vms.size === 0) this.#idleHosts++;
  }

  #forecastAnew(id: string, nowS: number): void {
    const host = this.#hosts.get(id)!;
    host.forecast?.refresh(host.vms, nowS);
    this.#report(id, host);
  }

  #report(id: string, host: Host): void {
    if (host.forecast === undefined) return;
    const exitS = Math.round(host.forecast.exitS);
    if (exitS === host.reportedS) return;
    host.reportedS = exitS;
    this.#scheduler.reportAgent(id, { signals: { exitS } });
  }

  #queued(vm: number): QueuedMachine {
    const spec = this.#specOf(vm);
    const { cpu, memoryMiB } = this.#flavourOf(vm);
    return { id: spec.id, tier: 0, bucket: 'machines', resources: { cpu, memory: memoryMiB }, vm, spec };
  }

  #specOf(vm: number): TaskSpec {
    const { cpu, memoryMiB } = this.#flavourOf(vm);
    const spec = { id: taskId(vm), resources: { cpu, memory: memoryMiB } };
    if (this.#forecast === undefined) return spec;
    return { ...spec, labels: { runTimeS: String(this.#forecast.runTimeS(vm)) } };
  }

  #flavourOf(vm: number): VmTrace['flavours'][number] {
    return this.#trace.flavours[this.#trace.flavour[vm]];
  }
}

function failedTask(task: TaskSpec, failure: PlacementFailure, nowS: number): FailedTask {
  if (failure.error !== undefined) throw failure.error;
  return { task, kind: classifyFailure(failure.explanation), waitingSinceMs: nowS * 1000 };
}

function taskId(vm: number): string {
  return `vm-${vm}`;
}

function vmOf(id: string): number {
  return Number(id.slice(3));
}
