// Type-checked without Node's and the browser's types, bundled for browsers, and run where there is nothing but the
// language. `result` is printed. Throw to fail.
import { exactShortfall } from '@stowage/autoscale';
import { balanced, exclusiveHost } from '@stowage/constraints';
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { freeAgents, planRebalance } from '@stowage/planning';
import { parseTaskSpec } from '@stowage/protocol';
import { TieredQueue } from '@stowage/queues';

const scheduler = new Scheduler({ fitness: binPacking('cpu') });
for (const zone of ['a', 'b', 'c'])
  scheduler.addAgent({ id: zone, resources: { cpu: 2 }, attributes: { zone } });
const { placements } = scheduler.schedule([
  { id: 'alone', resources: { cpu: 1 }, constraints: [exclusiveHost()] },
  { id: 'one', job: 'j', resources: { cpu: 1 }, constraints: [balanced('zone', { expectedValues: 3 })] },
  { id: 'two', job: 'j', resources: { cpu: 1 }, constraints: [balanced('zone', { expectedValues: 3 })] },
]);
const chosen = placements.map(({ task, agent }) => `${task} on ${agent}`).join(', ');
if (chosen !== 'alone on a, one on b, two on c') throw new Error(`placed ${chosen}`);
const restored = Scheduler.restore(scheduler.snapshot());
if (restored.verify().length > 0 || restored.agentOf('two') !== 'c')
  throw new Error('the snapshot lost a task');

const task = {
  taskId: 'web-1',
  image: { kind: 'registry', reference: 'registry/web:1' },
  resources: { cpuMilli: 500, memoryMiB: 64 },
};
if (parseTaskSpec(task).taskId !== 'web-1') throw new Error('a task spec was changed');

const template = { resources: { cpu: 2 } };
const waiting = ['x', 'y', 'z'].map((id) => ({ id, resources: { cpu: 1 } }));
const { pools } = exactShortfall(scheduler, [{ pool: 'p', room: 9, template }], waiting);
if (pools[0]?.agents !== 1) throw new Error('the what-if asks for a wrong number of agents');

const queue = new TieredQueue({ tiers: 1, schema: scheduler.engine.schema });
for (const bucket of ['b', 'a']) queue.enqueue({ id: bucket, tier: 0, bucket, resources: { cpu: 1 } }, 0);
if (queue.cycle(0).next()?.id !== 'a') throw new Error('the queue offers another task');

const { migrations } = planRebalance(scheduler.engine, { goals: [freeAgents()] });
if (migrations !== 0) throw new Error('the rebalancer moves tasks against their constraints');

export const result: string = chosen;
