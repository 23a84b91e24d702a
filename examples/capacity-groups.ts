/**
 * A queue in front of the engine: two tiers, capacity groups with guarantees, a limit and weights. What is refused says
 * why, and what does not fit on the agents stays queued.
 * Run with: node --conditions=@stowage/source --import tsx examples/capacity-groups.ts
 */
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { TieredQueue } from '@stowage/queues';

const scheduler = new Scheduler({ fitness: binPacking('cpu') });
for (const id of ['host-1', 'host-2']) scheduler.addAgent({ id, resources: { cpu: 8 } });

const queue = new TieredQueue({ tiers: 2, schema: scheduler.engine.schema });
queue.setTier(0, {
  capacity: { cpu: 11 },
  buckets: {
    web: { guarantee: { cpu: 6 } },
    api: { guarantee: { cpu: 2 }, limit: { cpu: 3 } },
  },
});

const submit = (tier: number, bucket: string, count: number, cpu: number) => {
  for (let i = 1; i <= count; i++)
    queue.enqueue({ id: `${bucket}-${i}`, tier, bucket, resources: { cpu } }, 0);
};
submit(1, 'reports', 3, 3);
submit(0, 'web', 4, 2);
submit(0, 'api', 3, 2);
submit(0, 'trial', 2, 1);

const cycle = queue.cycle(1000);
for (let task = cycle.next(); task !== undefined; task = cycle.next()) {
  const [placement] = scheduler.schedule([task]).placements;
  if (placement === undefined) {
    console.log(`${task.id} fits nowhere and is tried again in a second`);
    cycle.failed(task, cycle.nowMs + 1000);
  } else {
    console.log(`${task.id} -> ${placement.agent}`);
    cycle.placed(task);
  }
}
for (const { task, refusal } of cycle.end().refused) console.log(`${task.id}: ${refusal.reason}`);

for (const { name, used, weightedShare } of queue.status(0).buckets) {
  console.log(`${name} uses ${used.cpu ?? 0} cores, weighted share ${weightedShare.toFixed(2)}`);
}
