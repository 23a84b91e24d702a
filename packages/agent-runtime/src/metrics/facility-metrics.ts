/**
 * The numbers that facilities keep as metrics, read anew for each answer: where CPUs lie and how often they moved, and how
 * the metadata service is used. Who has no such facility has no such series.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { CpuFacility, CpuState } from '../cpu/cpu-facility.ts';
import type { MetadataFacility } from '../metadata/metadata-facility.ts';
import type { MetadataCounters } from '../metadata/metadata-server.ts';
import type { LiveTask } from './container-metrics.ts';

/** @public */
export interface MeasuredFacilities {
  readonly cpu?: Pick<CpuFacility, 'state'>;
  readonly metadata?: Pick<MetadataFacility, 'counters' | 'credentialFailure'>;
}

/** Name without prefix, help, and value. Names that end with `_total` are counters. */
type Reading<T> = readonly [name: string, help: string, read: (from: T) => number];

const CPU: readonly Reading<CpuState>[] = [
  ['cpu_owned', 'CPUs that static tasks own.', ({ placement }) => ownedCpus(placement)],
  ['cpu_cross_package_tasks', 'Tasks whose own CPUs lie on several packages.', (state) => state.crossPackage],
  ['cpu_shared_cores', 'Cores that an owner of CPUs has to share.', (state) => state.sharedCores],
  [
    'cpu_unserved_tasks',
    'Tasks whose promise cannot be kept, as the host has lost CPUs.',
    ({ unserved }) => unserved.length,
  ],
  ['cpu_moved_total', 'CPUs that a task owned and had to exchange for others.', (state) => state.movedCpus],
  ['cpu_reviews_total', 'Reviews of the placement after a quiet time.', (state) => state.reviews],
  ['cpu_improvements_total', 'Reviews that moved something.', (state) => state.improvements],
  ['cpu_review_failures_total', 'Reviews that failed.', (state) => state.failedReviews],
  ['cpuset_writes_total', 'Cpusets written.', (state) => state.cpusetWrites],
  ['cpuset_write_failures_total', 'Writes of cpusets that failed.', (state) => state.failedWrites],
  ['cpuset_repairs_total', 'Cpusets that somebody else had changed.', (state) => state.repairedCpusets],
];

const METADATA: readonly Reading<MetadataCounters>[] = [
  ['metadata_requests_total', 'Requests for metadata that were answered.', ({ requests }) => requests],
  ['metadata_strangers_total', 'Requests from addresses of no container.', ({ strangers }) => strangers],
  ['metadata_over_limit_total', 'Connections of containers that had too many.', ({ overLimit }) => overLimit],
  [
    'metadata_failures_total',
    'Answers with a status of 500 or more, and connections that could not be taken.',
    ({ failures }) => failures,
  ],
];

type Metric<T> = readonly [metric: Counter | Gauge, read: (from: T) => number];

export class FacilityMetrics {
  readonly #facilities: MeasuredFacilities;
  readonly #liveTasks: () => Iterable<LiveTask>;
  readonly #cpu: readonly Metric<CpuState>[];
  readonly #metadata: readonly Metric<MetadataCounters>[];
  readonly #credentials: Gauge<'task_id' | 'job_id'> | undefined;

  constructor(registry: Registry, facilities: MeasuredFacilities, liveTasks: () => Iterable<LiveTask>) {
    this.#facilities = facilities;
    this.#liveTasks = liveTasks;
    this.#cpu = facilities.cpu === undefined ? [] : metricsOf(CPU, registry);
    this.#metadata = facilities.metadata === undefined ? [] : metricsOf(METADATA, registry);
    if (facilities.metadata !== undefined)
      this.#credentials = new Gauge({
        name: 'stowage_agent_container_credentials_failing',
        help: '1 for each container for whose role the last call for credentials failed.',
        labelNames: ['task_id', 'job_id'],
        registers: [registry],
      });
  }

  update(): void {
    const { cpu, metadata } = this.#facilities;
    if (cpu !== undefined) set(this.#cpu, cpu.state());
    if (metadata === undefined) return;
    set(this.#metadata, metadata.counters);
    this.#credentials?.reset();
    for (const { taskId, jobId = '' } of this.#liveTasks())
      if (metadata.credentialFailure(taskId) !== undefined)
        this.#credentials?.set({ task_id: taskId, job_id: jobId }, 1);
  }
}

function metricsOf<T>(readings: readonly Reading<T>[], registry: Registry): readonly Metric<T>[] {
  return readings.map(([name, help, read]) => {
    const configuration = { name: `stowage_agent_${name}`, help, registers: [registry] };
    return [name.endsWith('_total') ? new Counter(configuration) : new Gauge(configuration), read];
  });
}

function set<T>(metrics: readonly Metric<T>[], from: T): void {
  for (const [metric, read] of metrics) {
    // After `reset` a counter begins at 0, so that adding sets it.
    metric.reset();
    metric.inc(read(from));
  }
}

function ownedCpus({ own }: CpuState['placement']): number {
  return [...own.values()].reduce((sum, cpus) => sum + cpus.length, 0);
}
