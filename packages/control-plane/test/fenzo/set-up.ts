/**
 * A framework as Fenzo's tests have one: offers come in, tasks are scheduled, what was placed is launched with the offers
 * of its agent. `framework` calls the scheduler itself, `serviceWithOffers` lets the scheduling service do it.
 */
import type { AutoScaler } from '@stowage/autoscale';
import {
  DEFAULT_RESOURCES,
  type EngineOptions,
  type HandOver,
  type Offer,
  OfferPool,
  type OfferPoolOptions,
  type ResourceDefinition,
  Scheduler,
  type ScheduleResult,
  type SlotCapacity,
  type TaskSpec,
} from '@stowage/core';
import { TieredQueue } from '@stowage/queues';
import {
  type CycleResult,
  type QueuedServiceTask,
  SchedulingService,
  type SchedulingServiceOptions,
} from '../../src/index.ts';
import { VirtualClock } from '../virtual-clock.ts';

export const RESOURCES: readonly ResourceDefinition[] = [
  ...DEFAULT_RESOURCES,
  { name: 'ports' },
  { name: 'foo' },
  { name: 'ENIs', kind: 'set' },
  { name: 'NewENIs', kind: 'set' },
];

/** Amounts of an offer, ports as ranges. */
export interface Amounts {
  readonly cpu?: number;
  readonly memory?: number;
  readonly network?: number;
  readonly disk?: number;
  readonly gpu?: number;
  readonly foo?: number;
  readonly ports?: readonly (readonly [begin: number, end: number])[];
}

export function offer(
  id: string,
  agent: string,
  { ports, ...scalars }: Amounts,
  attributes?: Readonly<Record<string, string>>,
  offeredAtMs = 0,
): Offer {
  const resources: Offer['resources'][number][] = Object.entries(scalars).map(([name, amount]) => ({
    name,
    kind: 'scalar',
    amount,
  }));
  if (ports !== undefined) resources.push({ name: 'ports', kind: 'ranges', ranges: ports });
  return { id, agent, offeredAtMs, resources, ...(attributes === undefined ? {} : { attributes }) };
}

export function tasks(
  count: number,
  resources: TaskSpec['resources'] = { cpu: 1 },
  prefix = 'task-',
): TaskSpec[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, resources }));
}

export interface Launched extends ScheduleResult {
  readonly handOvers: readonly HandOver[];
  /** Agents of the placements. */
  readonly agents: readonly string[];
}

export interface Framework {
  readonly scheduler: Scheduler;
  readonly pool: OfferPool;
  /** One call of Fenzo's `scheduleOnce`, with what a framework does afterwards. */
  launch(given: readonly TaskSpec[]): Launched;
}

export function framework(
  options: OfferPoolOptions | ((scheduler: Scheduler) => OfferPoolOptions) = {},
  engine: EngineOptions = {},
): Framework {
  const scheduler = new Scheduler({ resources: RESOURCES, ...engine });
  const given = typeof options === 'function' ? options(scheduler) : options;
  const pool = new OfferPool(scheduler, { describeAgent: fenzoSets, ...given });
  return {
    scheduler,
    pool,
    launch(given) {
      const { placements, failures } = scheduler.schedule(given);
      return {
        placements,
        // Explained now: after the hand-over agents have less.
        failures: failures.map((failure) => failure.explained()),
        agents: placements.map(({ agent }) => agent),
        handOvers: pool.handOver(placements),
      };
    },
  };
}

export interface ServiceParts extends Omit<
  SchedulingServiceOptions,
  'scheduler' | 'queue' | 'offers' | 'autoScaler'
> {
  readonly pool?: OfferPoolOptions | ((scheduler: Scheduler) => OfferPoolOptions);
  /** A what-if needs the scheduler. */
  readonly autoScaler?: (scheduler: Scheduler) => AutoScaler;
}

/** A service that is fed with offers. */
export function serviceWithOffers({ pool, autoScaler, ...options }: ServiceParts = {}) {
  const clock = new VirtualClock();
  const { scheduler, pool: offers } = framework(pool);
  const queue = new TieredQueue<QueuedServiceTask>({ tiers: 2, schema: scheduler.engine.schema });
  const scaler = autoScaler?.(scheduler);
  const service = new SchedulingService({ scheduler, queue, offers, clock, autoScaler: scaler, ...options });
  const submit = (given: readonly TaskSpec[], bucket = 'web'): void => {
    for (const task of given) service.submit({ ...task, tier: 0, bucket });
  };
  return { clock, scheduler, offers, queue, service, submit };
}

export const placed = ({ placements }: Pick<CycleResult, 'placements'>): string[] =>
  placements.map(({ task }) => task);

/** Fenzo's attribute `res`, `ResourceSet-<name>-<count>-<units>`, as two-level resources. */
export function fenzoSets(
  _agent: string,
  { res = '' }: Readonly<Record<string, string>>,
): { slots: Record<string, SlotCapacity> } {
  const [kind, name, count, units, ...rest] = res.split('-');
  if (kind !== 'ResourceSet' || units === undefined || rest.length > 0) return { slots: {} };
  return { slots: { [name]: { slots: Number(count), unitsPerSlot: Number(units) } } };
}
