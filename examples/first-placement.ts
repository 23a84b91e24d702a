/**
 * Two agents, a job of three tasks, at most one task of the job per agent: two are placed, the third is explained.
 * Run with: node --conditions=@stowage/source --import tsx examples/first-placement.ts
 */
import { balancedSoft, uniqueHost } from '@stowage/constraints';
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';

const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory') });
scheduler.addAgent({ id: 'host-1', resources: { cpu: 16, memory: 65536 }, attributes: { zone: 'a' } });
scheduler.addAgent({ id: 'host-2', resources: { cpu: 8, memory: 32768 }, attributes: { zone: 'b' } });

const { placements, failures } = scheduler.schedule(
  ['web-1', 'web-2', 'web-3'].map((id) => ({
    id,
    job: 'web',
    resources: { cpu: 0.5, memory: 512 },
    constraints: [uniqueHost()],
    softConstraints: [balancedSoft('zone')],
  })),
);

for (const { task, agent } of placements) console.log(`${task} -> ${agent}`);
for (const { task, reason } of failures) console.log(`${task}: ${reason}`);
