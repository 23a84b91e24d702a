/**
 * A constraint and a fitness calculator of one's own, the simple way. Declaring that they look at their agent only
 * lets the engine cache what they say until the agent changes.
 * Run with: node --conditions=@stowage/source --import tsx examples/own-policy.ts
 */
import { constraint, fitness, Scheduler } from '@stowage/core';

const notAlmostFull = constraint(
  'keeps a tenth free',
  (task, agent) =>
    agent.free('cpu') - task.demand('cpu') >= agent.total('cpu') / 10 || 'would be over 90 % full',
  'agent',
);
const fewestTasks = fitness('fewest tasks', (_task, agent) => -agent.taskCount, 'agent');

const scheduler = new Scheduler({ fitness: fewestTasks });
for (const id of ['small', 'large']) scheduler.addAgent({ id, resources: { cpu: id === 'small' ? 4 : 10 } });
const { placements, failures } = scheduler.schedule(
  Array.from({ length: 9 }, (_, i) => ({
    id: `task-${i}`,
    resources: { cpu: 1.5 },
    constraints: [notAlmostFull],
  })),
);
console.log(placements.map(({ task, agent }) => `${task} -> ${agent}`).join('\n'));
for (const { task, reason } of failures) console.log(`${task}: ${reason}`);
