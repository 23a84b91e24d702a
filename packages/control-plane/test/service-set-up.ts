/** A service on a virtual clock, and tasks for it. */
import { type EngineOptions, Scheduler, type StowageError } from '@stowage/core';
import { TieredQueue } from '@stowage/queues';
import {
  type CycleResult,
  type QueuedServiceTask,
  SchedulingService,
  type SchedulingServiceOptions,
  type ServiceTask,
} from '../src/index.ts';
import { VirtualClock } from './virtual-clock.ts';

export const RESOURCES = [{ name: 'cpu' }, { name: 'ports' }, { name: 'ENIs', kind: 'set' as const }];

export function setUp(options: Partial<SchedulingServiceOptions> = {}, engine: EngineOptions = {}) {
  const clock = new VirtualClock();
  const scheduler = new Scheduler({ resources: RESOURCES, ...engine });
  const queue = new TieredQueue<QueuedServiceTask>({ tiers: 2, schema: scheduler.engine.schema });
  const results: CycleResult[] = [];
  const service = new SchedulingService({
    scheduler,
    queue,
    clock,
    afterCycle: (result) => results.push(result),
    ...options,
  });
  return { clock, scheduler, queue, service, results };
}

export function task(id: string, fields: Partial<ServiceTask> = {}): ServiceTask {
  return { id, tier: 0, bucket: 'web', resources: { cpu: 1 }, ...fields };
}

/** The code of the error that an action throws. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as StowageError).code;
  }
  return 'no error';
}
