/**
 * The same churn by every interface that the library offers, from row numbers to the scheduling service: ids and
 * specs come in, result objects go out. Those that take many tasks a call are given many, as a service does.
 */
import { type Clock, type QueuedServiceTask, SchedulingService } from '@stowage/control-plane';
import { Scheduler, type TaskSpec } from '@stowage/core';
import { GroupLimits, type QueuedTask, TieredQueue } from '@stowage/queues';
import { agentShape, resourcesOf } from '../workloads/agent-types.ts';
import { Churn, type ChurnStart } from '../workloads/churn.ts';
import { policiesOf } from '../workloads/policies.ts';
import { type IdChurn, IdTasks } from './id-tasks.ts';

/** Tasks a call, where a call takes many. */
const BATCH = 100;
const GROUPS = 10;
/** Never reached: a limit that refuses would make operations cheaper, not dearer. */
const LIMIT = { cpu: 1e9, memory: 1e12 };

interface QueueTask extends QueuedTask {
  readonly job: string;
}

/** What runs a number of operations, by the name of the interface; row numbers first. */
export function churnInterfaces(start: ChurnStart): Record<string, IdChurn> {
  const rows = new Churn(start, 'declared');
  return {
    'row numbers': { run: (operations) => void rows.run(operations) },
    'Scheduler, a task a call': bySchedulerCalls(start, 1),
    [`Scheduler, ${BATCH} tasks a call`]: bySchedulerCalls(start, BATCH),
    [`queue and limits, ${BATCH} tasks a cycle`]: byQueueCycles(start),
    [`SchedulingService, ${BATCH} tasks a cycle`]: byService(start),
  };
}

function schedulerOf({ workload }: ChurnStart): Scheduler {
  const { fitness } = policiesOf(workload, 'declared');
  const scheduler = new Scheduler({
    resources: resourcesOf(workload),
    fitness,
    agentCapacity: workload.agents,
  });
  for (let row = 0; row < workload.agents; row++)
    scheduler.addAgent({ id: `agent-${row}`, ...agentShape(row, workload) });
  return scheduler;
}

function bySchedulerCalls(start: ChurnStart, batch: number): IdChurn {
  const scheduler = schedulerOf(start);
  const tasks = new IdTasks<TaskSpec>(start, (id, _group, requirements) => ({ id, ...requirements }));
  tasks.adoptBy((task, agent) => scheduler.adopt(task, agent));
  return tasks.churn(batch, {
    release: (id) => scheduler.release(id),
    place: (specs) => {
      const { placements } = scheduler.schedule(specs);
      return placements.map(({ task }) => task);
    },
  });
}

/** The inside of a scheduling cycle: the queue says who is next, limits are asked, the engine places. */
function byQueueCycles(start: ChurnStart): IdChurn {
  const scheduler = schedulerOf(start);
  const { schema } = scheduler.engine;
  const queue = new TieredQueue<QueueTask>({ tiers: 1, schema });
  const limits = new GroupLimits({ schema, limits: limitsByGroup() });
  const tasks = new IdTasks<QueueTask>(
    start,
    (id, bucket, { resources, job = '' }) => ({
      id,
      tier: 0,
      bucket,
      job,
      resources: resources as QueueTask['resources'],
    }),
    GROUPS,
  );
  tasks.adoptBy((task, agent) => {
    queue.addLaunched(task, 0);
    scheduler.adopt(task, agent);
    limits.take(task.bucket, task.resources);
  });
  return tasks.churn(BATCH, {
    release: (id) => {
      scheduler.release(id);
      const { bucket, resources } = queue.remove(id);
      limits.release(bucket, resources);
    },
    place: (arriving) => {
      for (const task of arriving) queue.enqueue(task, 0);
      const placed: string[] = [];
      const cycle = queue.cycle(0);
      for (let task = cycle.next(); task !== undefined; task = cycle.next()) {
        const refused = limits.refusal(task.bucket, task.resources) !== undefined;
        if (refused || scheduler.schedule([task]).placements.length === 0) {
          cycle.failed(task);
        } else {
          limits.take(task.bucket, task.resources);
          cycle.placed(task);
          placed.push(task.id);
        }
      }
      cycle.end();
      return placed;
    },
  });
}

function byService(start: ChurnStart): IdChurn {
  const scheduler = schedulerOf(start);
  const { schema } = scheduler.engine;
  const queue = new TieredQueue<QueuedServiceTask>({ tiers: 1, schema });
  const limits = new GroupLimits({ schema, limits: limitsByGroup() });
  const clock: Clock = { nowMs: () => 0, after: () => () => {} };
  const service = new SchedulingService({ scheduler, queue, limits, clock });
  const tasks = new IdTasks(
    start,
    (id, bucket, requirements) => ({ id, tier: 0, bucket, ...requirements }),
    GROUPS,
  );
  tasks.adoptBy((task, agent) => service.adopt(task, agent));
  return tasks.churn(BATCH, {
    release: (id) => service.remove(id),
    place: (arriving) => {
      for (const task of arriving) service.submit(task);
      return service.runCycle().placements.map(({ task }) => task);
    },
  });
}

function limitsByGroup(): Record<string, typeof LIMIT> {
  return Object.fromEntries(Array.from({ length: GROUPS }, (_, group) => [`group-${group}`, LIMIT]));
}
