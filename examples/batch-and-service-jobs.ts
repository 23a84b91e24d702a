/**
 * A batch job and a service from submission to end: retries, scaling, an eviction under a budget, and a restart of the
 * manager. The job manager decides which tasks should exist; the few lines of `carryOut` play scheduler, agents, store and
 * timers. Time is a number.
 * Run with: node --conditions=@stowage/source --import tsx examples/batch-and-service-jobs.ts
 */
import { type JobEffect, JobManager, type JobRecord, type TaskRecord } from '@stowage/jobs';

let manager = new JobManager();
let nowMs = 0;
const stored = { jobs: new Map<string, JobRecord>(), tasks: new Map<string, TaskRecord>() };
const timers: { taskId: string; atMs: number }[] = [];
/** Tasks that will fail on their agent. */
const faulty = new Set(['report.1']);

function carryOut({ effects, rejection }: ReturnType<JobManager['wake']>): void {
  if (rejection !== undefined) console.log(`refused: ${rejection.code}`);
  for (const effect of effects) perform(effect);
}

function perform(effect: JobEffect): void {
  if (effect.kind === 'persist') {
    if (effect.job !== undefined) stored.jobs.set(effect.jobId, effect.job);
    for (const { id } of effect.archived) stored.tasks.delete(id);
    for (const task of effect.tasks) stored.tasks.set(task.id, task);
    if (effect.jobArchived) stored.jobs.delete(effect.jobId);
  } else if (effect.kind === 'enqueue') {
    const placement = { agentId: `host-${effect.task.index + 1}`, zone: undefined };
    carryOut(manager.handleTask(effect.task.id, { kind: 'placed', placement }, nowMs));
  } else if (effect.kind === 'launch') {
    const { id, placement } = effect.task;
    console.log(`${nowMs / 1000} s: ${id} starts on ${placement?.agentId}`);
    carryOut(manager.handleTask(id, { kind: 'task-status', state: 'started' }, nowMs));
    if (faulty.has(id)) end(id, 'failed');
  } else if (effect.kind === 'kill') {
    console.log(`${nowMs / 1000} s: ${effect.task.id} is killed: ${effect.task.killReason}`);
    end(effect.task.id, 'killed');
  } else if (effect.kind === 'wake') {
    timers.push({ taskId: effect.task.taskId, atMs: effect.atMs });
  } else if (effect.kind === 'notify' && effect.notice.kind === 'job-finished') {
    console.log(`${nowMs / 1000} s: job ${effect.notice.jobId} has finished: ${effect.notice.reason}`);
  }
}

function end(taskId: string, reason: 'normal' | 'failed' | 'killed'): void {
  carryOut(manager.handleTask(taskId, { kind: 'task-status', state: 'finished', reason }, nowMs));
}

function advanceTo(endMs: number): void {
  for (;;) {
    timers.sort((a, b) => a.atMs - b.atMs);
    if (timers.length === 0 || timers[0].atMs > endMs) break;
    const { taskId, atMs } = timers.shift()!;
    nowMs = Math.max(nowMs, atMs);
    if (manager.task(taskId) !== undefined) carryOut(manager.wake(taskId, nowMs));
  }
  nowMs = endMs;
}

const base = {
  owner: { teamEmail: 'shop@example.com' },
  container: {
    image: { name: 'shop/app', tag: 'v1' },
    resources: { cpuMilli: 500 },
    securityGroups: ['sg-1'],
    iamRole: 'shop',
  },
};
const report = {
  ...base,
  kind: 'batch',
  applicationName: 'report',
  size: 2,
  runtimeLimitMs: 3_600_000,
  retryPolicy: { kind: 'delayed', initialDelayMs: 5000, delayMs: 5000, retries: 3 },
};
const web = {
  ...base,
  kind: 'service',
  applicationName: 'web',
  capacity: { min: 1, desired: 2, max: 4 },
  retryPolicy: { kind: 'immediate', retries: 0 },
  disruptionBudget: {
    policy: { kind: 'availabilityPercentage', percentageOfHealthy: 60 },
    rate: { kind: 'perInterval', intervalMs: 60_000, limit: 1 },
  },
};

function submit(jobId: string, spec: unknown): void {
  const result = manager.submit(spec, { jobId, nowMs });
  if (result.ok) {
    for (const { path, from, to } of result.adjusted)
      console.log(`${jobId}: ${path} raised from ${from} to ${to}`);
    carryOut(result);
  } else for (const { message } of result.errors ?? []) console.log(`${jobId}: ${message}`);
}

submit('report', { ...report, size: 0 });
submit('report', report);
submit('web', web);
advanceTo(10_000);

console.log('scale up, evict, evict again');
carryOut(manager.handle('web', { kind: 'update-capacity', capacity: { desired: 3 } }, nowMs));
carryOut(manager.evict('web.0', { nowMs }));
carryOut(manager.evict('web.1', { nowMs }));

console.log('the manager restarts');
manager = new JobManager();
const { effects } = manager.restore({ jobs: stored.jobs.values(), tasks: stored.tasks.values() }, nowMs);
carryOut({ effects });
advanceTo(20_000);
for (const { job, counts } of manager.jobs()) console.log(`${job.id}: ${counts.started} started`);

for (const id of [...stored.tasks.keys()]) if (id.startsWith('report')) end(id, 'normal');
carryOut(manager.handle('web', { kind: 'kill-job' }, nowMs));
const { batch, service } = manager.outcomes.read(nowMs);
console.log(`ends since the restart: ${batch.ends.normal} normal, ${service.ends.killed} killed`);
