/**
 * Nine tasks that fill three agents exactly, if they are looked at together: one by one they need a fourth.
 * Run with: node --conditions=@stowage/source --import tsx examples/whole-queue.ts
 */
import { Scheduler, type TaskSpec } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { scheduleBatch } from '@stowage/planning';

const cpus = [2, 2, 2, 3, 3, 3, 5, 5, 5];
const tasks: TaskSpec[] = cpus.map((cpu, i) => ({ id: `task-${i + 1}`, resources: { cpu } }));

function cluster(): Scheduler {
  const scheduler = new Scheduler({ fitness: binPacking('cpu') });
  for (const id of ['host-1', 'host-2', 'host-3', 'host-4'])
    scheduler.addAgent({ id, resources: { cpu: 10 } });
  return scheduler;
}

const hosts = (agents: readonly { agent: string }[]): number =>
  new Set(agents.map(({ agent }) => agent)).size;
console.log(`one by one: ${hosts(cluster().schedule(tasks).placements)} hosts`);
const { placements } = scheduleBatch(cluster(), tasks);
console.log(`together: ${hosts(placements)} hosts`);
for (const host of ['host-1', 'host-2', 'host-3']) {
  const ids = placements.filter(({ agent }) => agent === host).map(({ task }) => task);
  console.log(`${host}: ${ids.join(', ')}`);
}
