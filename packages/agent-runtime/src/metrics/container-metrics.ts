/**
 * The numbers of live containers as metrics, read anew for each answer. Those that only grow are counters whose value
 * the kernel keeps; a container's series end with it.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { readContainerUsage, UsageSubject } from './container-usage.ts';
import { type ContainerUsage, USAGE_NUMBERS, type UsageNumber } from './usage-numbers.ts';

/** @public */
export interface LiveTask extends UsageSubject {
  readonly taskId: string;
  readonly jobId?: string;
}

type Labels = 'task_id' | 'job_id';

/** Name without prefix, and help. Names that end with `_total` are counters. */
const METRICS: Readonly<Record<UsageNumber, readonly [name: string, help: string]>> = {
  cpuUserSeconds: ['cpu_user_seconds_total', 'CPU time in user mode.'],
  cpuSystemSeconds: ['cpu_system_seconds_total', 'CPU time in the kernel.'],
  cpuSeconds: ['cpu_seconds_total', 'CPU time.'],
  cpuPeriods: ['cpu_periods_total', 'Periods of the CPU quota in which it ran.'],
  cpuThrottledPeriods: ['cpu_throttled_periods_total', 'Periods in which it used up its CPU quota.'],
  cpuThrottledSeconds: ['cpu_throttled_seconds_total', 'Time held back by the CPU quota.'],
  cpuStalledSeconds: ['cpu_stalled_seconds_total', 'Time in which some process waited for a CPU.'],
  memoryBytes: ['memory_bytes', 'Memory in use, page cache included.'],
  memoryLimitBytes: ['memory_limit_bytes', 'Hard limit of memory.'],
  memoryPeakBytes: ['memory_peak_bytes', 'Most memory ever in use.'],
  memoryAnonymousBytes: ['memory_anonymous_bytes', 'Memory of processes that is no file.'],
  memoryFileBytes: ['memory_file_bytes', 'Page cache.'],
  memoryStalledSeconds: ['memory_stalled_seconds_total', 'Time in which some process waited for memory.'],
  outOfMemoryKills: ['out_of_memory_kills_total', 'Processes ended for lack of memory.'],
  processes: ['processes', 'Processes and threads.'],
  processesLimit: ['processes_limit', 'Most processes and threads.'],
  blockReadBytes: ['block_read_bytes_total', 'Bytes read from block devices.'],
  blockWriteBytes: ['block_write_bytes_total', 'Bytes written to block devices.'],
  blockStalledSeconds: [
    'block_stalled_seconds_total',
    'Time in which some process waited for a block device.',
  ],
  networkReceiveBytes: ['network_receive_bytes_total', 'Bytes received, without loopback.'],
  networkReceivePackets: ['network_receive_packets_total', 'Packets received, without loopback.'],
  networkReceiveDrops: ['network_receive_drops_total', 'Received packets that were dropped.'],
  networkTransmitBytes: ['network_transmit_bytes_total', 'Bytes sent, without loopback.'],
  networkTransmitPackets: ['network_transmit_packets_total', 'Packets sent, without loopback.'],
  networkTransmitDrops: ['network_transmit_drops_total', 'Packets to send that were dropped.'],
};

/** Containers read at the same time. */
const AT_ONCE = 16;

export class ContainerMetrics {
  readonly #liveTasks: () => Iterable<LiveTask>;
  readonly #readUsage: typeof readContainerUsage;
  readonly #metrics: ReadonlyMap<UsageNumber, Counter<Labels> | Gauge<Labels>>;
  readonly #live: Gauge;
  readonly #failures: Counter;

  constructor(registry: Registry, liveTasks: () => Iterable<LiveTask>, readUsage: typeof readContainerUsage) {
    this.#liveTasks = liveTasks;
    this.#readUsage = readUsage;
    const registers = [registry];
    this.#metrics = new Map(
      USAGE_NUMBERS.map((number) => {
        const [name, help] = METRICS[number];
        const configuration = {
          name: `stowage_agent_container_${name}`,
          help,
          labelNames: ['task_id', 'job_id'] as const,
          registers,
        };
        return [
          number,
          name.endsWith('_total') ? new Counter<Labels>(configuration) : new Gauge<Labels>(configuration),
        ];
      }),
    );
    this.#live = new Gauge({ name: 'stowage_agent_containers', help: 'Containers that live.', registers });
    this.#failures = new Counter({
      name: 'stowage_agent_container_reads_failed_total',
      help: 'Reads of the numbers of a container that failed otherwise than by its end.',
      registers,
    });
  }

  /** Reads all live containers; those that ended are forgotten. Calls must not overlap. */
  async update(): Promise<void> {
    const tasks = [...this.#liveTasks()];
    const usages: (ContainerUsage | undefined)[] = [];
    for (let at = 0; at < tasks.length; at += AT_ONCE)
      usages.push(...(await Promise.all(tasks.slice(at, at + AT_ONCE).map((task) => this.#usageOf(task)))));
    this.#live.set(tasks.length);
    for (const metric of this.#metrics.values()) metric.reset();
    tasks.forEach((task, at) => this.#set(task, usages[at] ?? {}));
  }

  async #usageOf(task: LiveTask): Promise<ContainerUsage | undefined> {
    try {
      return await this.#readUsage(task);
    } catch {
      // One container that cannot be read must not hide the numbers of all others; the counter tells of it.
      this.#failures.inc();
      return undefined;
    }
  }

  #set({ taskId, jobId = '' }: LiveTask, usage: ContainerUsage): void {
    for (const [number, metric] of this.#metrics) {
      const value = usage[number];
      // After `reset` a counter begins at 0, so that adding sets it.
      if (value !== undefined) metric.inc({ task_id: taskId, job_id: jobId }, value);
    }
  }
}
