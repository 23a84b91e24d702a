/**
 * A job that lost its balance over two zones, and an agent that is held by a single task: what to migrate, at most two
 * tasks in all and one of each job.
 * Run with: node --conditions=@stowage/source --import tsx examples/rebalance.ts
 */
import { Scheduler } from '@stowage/core';
import { binPacking } from '@stowage/fitness';
import { balanceAcross, freeAgents, namedPlan, planRebalance } from '@stowage/planning';

const scheduler = new Scheduler({ fitness: binPacking('cpu') });
for (const [id, zone] of [
  ['a-1', 'a'],
  ['b-1', 'b'],
  ['b-2', 'b'],
]) {
  scheduler.addAgent({ id, resources: { cpu: 8 }, attributes: { zone } });
}
scheduler.schedule([
  { id: 'web-1', job: 'web', resources: { cpu: 1 }, agent: 'a-1' },
  { id: 'web-2', job: 'web', resources: { cpu: 1 }, agent: 'a-1' },
  { id: 'web-3', job: 'web', resources: { cpu: 1 }, agent: 'a-1' },
  { id: 'batch-1', job: 'batch', resources: { cpu: 4 }, agent: 'b-1' },
  { id: 'batch-2', job: 'batch', resources: { cpu: 2 }, agent: 'b-2' },
]);

const jobOf = (task: number): string | undefined => scheduler.taskIdOf(task)?.split('-')[0];
const plan = planRebalance(scheduler.engine, {
  goals: [
    balanceAcross('zone', { groupOf: (task) => (jobOf(task) === 'web' ? 'web' : undefined) }),
    freeAgents(),
  ],
  budget: { maxMigrations: 2, groups: { of: jobOf, maxMigrations: () => 1 } },
});
for (const { goal, effect, migrations, gain, cost } of namedPlan(scheduler, plan).steps) {
  const moves = migrations.map(({ task, from, to }) => `${task} from ${from} to ${to}`).join(', ');
  console.log(`${goal}: ${moves} (${effect}; gain ${gain}, cost ${cost})`);
}
