/**
 * A pool that grows for tasks that found no agent, by as many agents as they need, and shrinks when the tasks are gone.
 * Run with: node --conditions=@stowage/source --import tsx examples/grow-a-pool.ts
 */
import { AutoScaler, type FailedTask, whatIfShortfall } from '@stowage/autoscale';
import { uniqueHost } from '@stowage/constraints';
import { Scheduler } from '@stowage/core';

const template = { resources: { cpu: 8, memory: 32_768 } };
const scheduler = new Scheduler();
const scaler = new AutoScaler({
  shortfall: whatIfShortfall(scheduler),
  rules: [{ pool: 'workers', minIdle: 0, maxIdle: 1, maxSize: 10, coolDownMs: 60_000, template }],
});
scheduler.addAgent({ id: 'worker-1', ...template });

/** Looks at the pool and carries out what is decided. */
function evaluate(nowMs: number, failedTasks: readonly FailedTask[] = []): void {
  const agents = scheduler
    .agents()
    .map((id) => ({ id, pool: 'workers', idle: scheduler.tasksOn(id).length === 0 }));
  for (const decision of scaler.evaluate({ agents, failedTasks }, nowMs).decisions) {
    const why = decision.reasons.map(({ text }) => text).join('; ');
    if (decision.kind === 'scale-up') {
      console.log(`${nowMs} ms: add ${decision.count} agents: ${why}`);
      for (let i = 1; i <= decision.count; i++)
        scheduler.addAgent({ id: `worker-${agents.length + i}`, ...template });
    } else {
      console.log(`${nowMs} ms: remove ${decision.agents.join(' and ')}: ${why}`);
      for (const id of decision.agents) scheduler.removeAgent(id);
    }
  }
}

const web = Array.from({ length: 3 }, (_, i) => ({
  id: `web-${i}`,
  job: 'web',
  resources: { cpu: 1 },
  constraints: [uniqueHost()],
}));
const batch = Array.from({ length: 4 }, (_, i) => ({ id: `batch-${i}`, resources: { cpu: 4 } }));
const tasks = [...web, ...batch];

const { failures } = scheduler.schedule(tasks);
const waiting = new Set(failures.map(({ task }) => task));
const failed = tasks.filter(({ id }) => waiting.has(id));
console.log(`waiting: ${failed.map(({ id }) => id).join(', ')}`);
evaluate(
  0,
  failed.map((task) => ({ task, kind: 'all-agents-full', waitingSinceMs: 0 })),
);
console.log(`placed: ${scheduler.schedule(failed).placements.length}`);

for (const { id } of tasks) scheduler.release(id);
evaluate(60_000);
evaluate(60_001);
