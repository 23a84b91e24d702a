/**
 * A full cluster and a task of higher priority: who has to leave for it, with and without a disruption budget, and how
 * its place is held while the victims stop.
 * Run with: node --conditions=@stowage/source --import tsx examples/preemption.ts
 */
import { Scheduler, type TaskPreemptionPlan, type TaskSpec } from '@stowage/core';

const scheduler = new Scheduler();
for (const id of ['host-1', 'host-2']) scheduler.addAgent({ id, resources: { cpu: 4, memory: 8192 } });
const task = (id: string, cpu: number, priority: number): TaskSpec => ({
  id,
  resources: { cpu, memory: 1024 },
  priority,
});
scheduler.schedule([task('web-1', 2, 100), task('report-1', 2, 10)]);
scheduler.schedule([task('report-2', 2, 10), task('batch-1', 1, 0), task('batch-2', 1, 0)]);

function show(plan: TaskPreemptionPlan | undefined): void {
  const victims = plan?.victims.map((victim) => `${victim.task} (priority ${victim.priority})`);
  console.log(victims === undefined ? 'no evictions help' : `${plan!.agent}: ${victims.join(' and ')}`);
}

const payment = task('payment-1', 2, 200);
const plan = scheduler.planPreemption(payment)!;
show(plan);
// A budget of the batch job: one of its tasks must stay.
show(scheduler.planPreemption(payment, { mayEvict: (id) => id !== 'batch-1' }));
show(scheduler.planPreemption({ ...payment, priority: 0 }));

const { agent } = scheduler.preempt(payment, plan);
console.log(`payment-1 is ${scheduler.stageOf('payment-1')} on ${agent}`);
// Once the victims have stopped:
scheduler.confirm('payment-1');
console.log(`payment-1 is ${scheduler.stageOf('payment-1')}`);
