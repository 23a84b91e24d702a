/**
 * The bridge to OpenTelemetry: the numbers of `metrics()` as observable instruments of a meter that the user's
 * telemetry set-up gives. With OpenTelemetry's Prometheus exporter they are scraped, with others pushed.
 */
import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { ServiceMetrics } from './service-metrics.ts';
import { type WaitCounts, WAIT_THRESHOLDS_MS } from './wait-histogram.ts';

/** @public */
export interface MeteredService {
  metrics(): ServiceMetrics;
}

type Reading = readonly [value: number, attributes?: Attributes];

interface Instrument {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly description: string;
  readonly unit?: string;
  read(metrics: ServiceMetrics): readonly Reading[];
}

const INSTRUMENTS: readonly Instrument[] = [
  counter('cycles', 'Scheduling cycles', ({ cycles }) => [[cycles]]),
  counter('errors', 'Hooks and parts of cycles that failed', ({ errors }) => [[errors]]),
  counter('cycle.time', 'Time spent in cycles', ({ cycleMsTotal }) => [[cycleMsTotal]], 'ms'),
  counter('decisions', 'Times that the best agent was asked for', ({ decisions }) => [[decisions]]),
  counter('evaluations', 'Agents evaluated for decisions', ({ evaluations }) => [[evaluations]]),
  counter('placements', 'Tasks placed', ({ placements }) => [[placements]]),
  counter('failures', 'Failed tries, by kind', ({ failures }) =>
    Object.entries(failures).map(([kind, count]) => [count, { kind }]),
  ),
  counter('evictions', 'Tasks named for eviction', ({ evictions }) => [[evictions]]),
  counter('agents.requested', 'Agents asked for', ({ agentsRequested }) => [[agentsRequested]]),
  counter('agents.released', 'Agents proposed for removal', ({ agentsReleased }) => [[agentsReleased]]),
  counter('placed.after', 'Tasks that had waited longer than', ({ placedAfter }) => waits(placedAfter)),
  gauge('queued.for', 'Queued tasks that have waited longer than', ({ queuedFor }) => waits(queuedFor)),
  gauge('queued', 'Queued tasks, by tier', ({ tiers }) =>
    tiers.map(({ queued }, tier) => [queued, { tier }]),
  ),
  gauge('launched', 'Launched tasks, by tier', ({ tiers }) =>
    tiers.map(({ launched }, tier) => [launched, { tier }]),
  ),
  gauge('agents', 'Agents, by state', ({ agents: { count, idle, closed } }) => [
    [count, { state: 'all' }],
    [idle, { state: 'idle' }],
    [closed, { state: 'closed' }],
  ]),
  gauge('utilisation', 'Booked share of a resource', ({ resources }) =>
    resources.map(({ resource, utilisation }) => [utilisation, { resource }]),
  ),
];

/**
 * Registers the metrics of a service with a meter, under names that begin with `stowage.scheduler.`. They are read
 * once per collection.
 * @param attributes - on every reading, for example `{ cell: 'cell-1' }`
 * @returns what takes the registration back
 * @public
 */
export function registerMetrics(
  meter: Meter,
  service: MeteredService,
  attributes: Attributes = {},
): () => void {
  const observables = INSTRUMENTS.map(({ name, kind, description, unit }): Observable => {
    const options = { description, ...(unit === undefined ? {} : { unit }) };
    const fullName = `stowage.scheduler.${name}`;
    return kind === 'counter'
      ? meter.createObservableCounter(fullName, options)
      : meter.createObservableGauge(fullName, options);
  });
  const observe = (result: BatchObservableResult): void => {
    const metrics = service.metrics();
    INSTRUMENTS.forEach((instrument, i) => {
      for (const [value, own] of instrument.read(metrics))
        result.observe(observables[i], value, { ...attributes, ...own });
    });
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function counter(name: string, description: string, read: Instrument['read'], unit?: string): Instrument {
  return { name, kind: 'counter', description, read, ...(unit === undefined ? {} : { unit }) };
}

function gauge(name: string, description: string, read: Instrument['read']): Instrument {
  return { name, kind: 'gauge', description, read };
}

function waits({ count, longerThan }: WaitCounts): Reading[] {
  const above = longerThan.map((tasks, i): Reading => [
    tasks,
    { longer_than_s: WAIT_THRESHOLDS_MS[i] / 1000 },
  ]);
  return [[count, { longer_than_s: 0 }], ...above];
}
