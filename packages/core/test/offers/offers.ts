/** Short ways to write offers and tasks. */
import {
  type Offer,
  type OfferedResource,
  OfferPool,
  type OfferPoolOptions,
  Scheduler,
  type TaskSpec,
} from '../../src/index.ts';

export const RESOURCES = [
  { name: 'cpu', unitsPerWhole: 1000, unit: 'cores' },
  { name: 'cpu(web)', unitsPerWhole: 1000, unit: 'cores' },
  { name: 'memory', unit: 'MiB' },
  { name: 'ports' },
  { name: 'device' },
  { name: 'gpu', unitsPerWhole: 1000 },
  { name: 'ENIs', kind: 'set' },
] as const;

export const newScheduler = (): Scheduler => new Scheduler({ resources: RESOURCES });

export interface Brief {
  readonly cpu?: number;
  readonly memory?: number;
  readonly gpu?: number;
  readonly ports?: readonly (readonly [number, number])[];
  readonly device?: readonly string[];
  readonly more?: readonly OfferedResource[];
  readonly attributes?: Record<string, string>;
  readonly atMs?: number;
}

export function offer(id: string, agent: string, brief: Brief = { cpu: 4 }): Offer {
  const { ports, device, more = [], attributes, atMs = 0 } = brief;
  const resources: OfferedResource[] = [];
  for (const name of ['cpu', 'memory', 'gpu'] as const) {
    const amount = brief[name];
    if (amount !== undefined) resources.push({ name, kind: 'scalar', amount });
  }
  if (ports !== undefined) resources.push({ name: 'ports', kind: 'ranges', ranges: ports });
  if (device !== undefined) resources.push({ name: 'device', kind: 'set', items: device });
  return {
    id,
    agent,
    offeredAtMs: atMs,
    resources: [...resources, ...more],
    ...(attributes !== undefined && { attributes }),
  };
}

export const task = (id: string, resources: TaskSpec['resources'] = { cpu: 1 }): TaskSpec => ({
  id,
  resources,
});

export const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

export function setUp(options: OfferPoolOptions = {}): { scheduler: Scheduler; pool: OfferPool } {
  const scheduler = newScheduler();
  return { scheduler, pool: new OfferPool(scheduler, options) };
}

/** Whether one more task of this size would be placed on the agent. */
export function fits(scheduler: Scheduler, agent: string, resources: Record<string, number>): boolean {
  return scheduler.whatIf(
    () => scheduler.schedule([{ ...task('probe', resources), agent }]).placements.length === 1,
  );
}
