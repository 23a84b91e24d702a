/**
 * Databases one per zone, web tasks near them and even over the zones, and a noisy task that web tasks are kept away from
 * although they bring no constraint against it.
 * Run with: node --conditions=@stowage/source --import tsx examples/spread-and-affinity.ts
 */
import { affinity, antiAffinity, maxSkew, preferUntainted } from '@stowage/constraints';
import { Scheduler, type TaskSpec } from '@stowage/core';

const scheduler = new Scheduler();
const agents = { 'a-1': 'a', 'a-2': 'a', 'b-1': 'b', 'b-2': 'b', 'c-1': 'c' };
for (const [id, zone] of Object.entries(agents)) {
  scheduler.addAgent({ id, resources: { cpu: 2 }, attributes: { zone } });
}
scheduler.updateAgent({
  id: 'b-1',
  resources: { cpu: 2 },
  attributes: { zone: 'b' },
  taints: [{ key: 'old-hardware', effect: 'PreferNoSchedule' }],
});

function show(...tasks: TaskSpec[]): void {
  const { placements, failures } = scheduler.schedule(tasks);
  for (const { task, agent } of placements) console.log(`${task} -> ${agent}`);
  for (const { task, reason } of failures) console.log(`${task}: ${reason}`);
}

const db = { job: 'db', resources: { cpu: 1 }, softConstraints: [preferUntainted()] };
const apart = antiAffinity({ matchLabels: { job: 'db' } }, { attribute: 'zone' });
show(...['db-1', 'db-2'].map((id) => ({ id, ...db, constraints: [apart] })));

const noisy = antiAffinity({ matchExpressions: [{ key: 'job', operator: 'In', values: ['web', 'db'] }] });
show({ id: 'backup', resources: { cpu: 1 }, constraints: [noisy] });

const nearDb = affinity({ matchLabels: { job: 'db' } }, { attribute: 'zone' });
const web = { job: 'web', resources: { cpu: 0.5 } };
show(...['web-1', 'web-2', 'web-3'].map((id) => ({ id, ...web, constraints: [nearDb] })));
show(...['web-4', 'web-5', 'web-6'].map((id) => ({ id, ...web, constraints: [maxSkew('zone', 1)] })));
show({ id: 'web-7', ...web, constraints: [maxSkew('zone', 1, { minDomains: 4 })] });
