/**
 * What a service counts, as plain numbers: totals since it was made, and the state at the time of asking.
 */
import type { Scheduler } from '@stowage/core';
import type { TieredQueue } from '@stowage/queues';
import type { CycleResult } from './cycle-result.ts';
import type { QueuedServiceTask } from './service-task.ts';
import { type WaitCounts, WaitHistogram } from './wait-histogram.ts';

/** @public */
export interface ServiceMetrics {
  /** Totals since the service was made. */
  readonly cycles: number;
  readonly errors: number;
  readonly cycleMsTotal: number;
  /** Duration of the last cycle. */
  readonly cycleMsLast: number;
  /** Times that the best agent of a task was asked for, and agents that were evaluated for it. */
  readonly decisions: number;
  readonly evaluations: number;
  readonly placements: number;
  /** Failed tries by kind of failure; a task that waits is tried again and again. */
  readonly failures: Readonly<Record<string, number>>;
  readonly evictions: number;
  readonly agentsRequested: number;
  readonly agentsReleased: number;
  /** How long placed tasks had waited. */
  readonly placedAfter: WaitCounts;
  /** State: how long the queued tasks have waited so far. */
  readonly queuedFor: WaitCounts;
  readonly tiers: readonly TierLoad[];
  readonly agents: { readonly count: number; readonly idle: number; readonly closed: number };
  readonly resources: readonly ResourceLoad[];
}

/** @public */
export interface TierLoad {
  readonly queued: number;
  readonly launched: number;
}

/** Sums over all agents, as decimals. @public */
export interface ResourceLoad {
  readonly resource: string;
  readonly total: number;
  readonly booked: number;
  /** booked / total; 0 without any. */
  readonly utilisation: number;
}

export class MetricsCounter {
  readonly #placedAfter = new WaitHistogram();
  readonly #failures = new Map<string, number>();
  #cycles = 0;
  #errors = 0;
  #cycleMsTotal = 0;
  #cycleMsLast = 0;
  #evictions = 0;
  #agentsRequested = 0;
  #agentsReleased = 0;

  /** Adds an error that came after its cycle was counted. */
  noteError(): void {
    this.#errors++;
  }

  /** Adds a cycle. */
  note(result: CycleResult, cycleMs: number): void {
    this.#cycles++;
    this.#errors += result.errors.length;
    this.#cycleMsTotal += cycleMs;
    this.#cycleMsLast = cycleMs;
    this.#evictions += result.evictions.length;
    for (const { waitedMs } of result.placements) this.#placedAfter.add(waitedMs);
    for (const { kind } of result.failures) this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
    for (const decision of result.scaling?.decisions ?? []) {
      if (decision.kind === 'scale-up') this.#agentsRequested += decision.count;
      else this.#agentsReleased += decision.agents.length;
    }
  }

  /** O(agents + queued tasks). */
  read(scheduler: Scheduler, queue: TieredQueue<QueuedServiceTask>, nowMs: number): ServiceMetrics {
    const { decisions, evaluations } = scheduler.engine.work;
    const placedAfter = this.#placedAfter.counts();
    return {
      cycles: this.#cycles,
      errors: this.#errors,
      cycleMsTotal: this.#cycleMsTotal,
      cycleMsLast: this.#cycleMsLast,
      decisions,
      evaluations,
      placements: placedAfter.count,
      failures: Object.fromEntries([...this.#failures].sort(([a], [b]) => (a < b ? -1 : 1))),
      evictions: this.#evictions,
      agentsRequested: this.#agentsRequested,
      agentsReleased: this.#agentsReleased,
      placedAfter,
      queuedFor: queuedFor(queue, nowMs),
      tiers: Array.from({ length: queue.tierCount }, (_, tier) => {
        const { queued, launched } = queue.status(tier);
        return { queued, launched };
      }),
      agents: agentCounts(scheduler),
      resources: resourceLoads(scheduler),
    };
  }
}

function queuedFor(queue: TieredQueue<QueuedServiceTask>, nowMs: number): WaitCounts {
  const waits = new WaitHistogram();
  for (const { enqueuedAtMs } of queue.entries('queued')) waits.add(nowMs - enqueuedAtMs);
  return waits.counts();
}

function agentCounts(scheduler: Scheduler): ServiceMetrics['agents'] {
  const agents = scheduler.agentStatuses();
  return {
    count: agents.length,
    idle: agents.filter(({ taskCount }) => taskCount === 0).length,
    closed: agents.filter(({ closed }) => closed !== undefined).length,
  };
}

function resourceLoads({ engine }: Scheduler): ResourceLoad[] {
  const { cluster, rowCount } = engine;
  return engine.schema.scalars.map(({ name, unitsPerWhole }) => {
    const [totals, frees] = [cluster.total(name), cluster.free(name)];
    let total = 0;
    let booked = 0;
    for (let row = 0; row < rowCount; row++) {
      total += totals[row];
      booked += totals[row] - frees[row];
    }
    return {
      resource: name,
      total: total / unitsPerWhole,
      booked: booked / unitsPerWhole,
      utilisation: total === 0 ? 0 : booked / total,
    };
  });
}
