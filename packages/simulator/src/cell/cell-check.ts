/**
 * Compares what the parts of a cell believe: store and job managers, queue, engine, and agents. They are changed event by
 * event by different code, so that they agree is what the simulation proves of the control plane. O(agents + tasks).
 */
import { isDeepStrictEqual } from 'node:util';
import { tasksIn, type TaskRecord } from '@stowage/jobs';
import type { AgentFleet } from './agent-fleet.ts';
import type { Master } from './master.ts';
import { interfacesOf, type SimulatedAgent } from './simulated-agent.ts';
import type { TaskRequests } from './task-requests.ts';
import type { TaskStore } from './task-store.ts';

/** Contradictions in words; empty when there are none. */
export function contradictions(
  master: Master,
  store: TaskStore,
  fleet: AgentFleet,
  requests: TaskRequests,
): string[] {
  const { scheduler, queue, manager } = master;
  const problems = [...scheduler.verify(), ...queue.verify()];
  const wrong = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };

  const active: TaskRecord[] = [...manager.jobs()].flatMap(({ slots }) => [...tasksIn(slots)]);
  wrong(active.length === store.tasks.size, `${active.length} tasks are managed, ${store.tasks.size} stored`);
  const placed = active.filter(isPlaced);
  const waiting = active.filter(({ status }) => status.state === 'accepted');
  const engineTasks = scheduler.engine.taskCount;
  wrong(placed.length === engineTasks, `${placed.length} tasks are placed, the engine books ${engineTasks}`);
  wrong(
    queue.size === active.filter(({ status }) => status.state !== 'finished').length,
    'the queue differs',
  );

  for (const task of active)
    wrong(isDeepStrictEqual(store.tasks.get(task.id), task), `task ${task.id} is stored as something else`);
  for (const { id } of waiting)
    wrong(queue.get(id)?.state === 'queued', `task ${id} waits and is not queued`);
  for (const { id, placement } of placed) {
    wrong(queue.get(id)?.state === 'launched', `task ${id} is placed and does not count as used`);
    wrong(scheduler.agentOf(id) === placement!.agentId, `task ${id} is booked on another agent`);
    const agent = fleet.agents.get(placement!.agentId);
    const isThere = agent !== undefined && (agent.isLost || agent.containers.has(id));
    wrong(isThere, `task ${id} does not run on ${placement!.agentId}`);
  }
  for (const agent of fleet.agents.values()) problems.push(...problemsOf(agent, master, store, requests));
  return [...problems, ...wrongUse(placed, master, store, requests)];
}

function isPlaced({ status: { state } }: TaskRecord): boolean {
  return state !== 'accepted' && state !== 'finished';
}

/** What runs on one agent, against what is booked there and what it has. */
function problemsOf(
  agent: SimulatedAgent,
  { booked }: Master,
  store: TaskStore,
  requests: TaskRequests,
): string[] {
  const { id, containers, interfaces, shape, isLost } = agent;
  const problems: string[] = [];
  const tasks = booked.get(id)!;
  let [cpu, memory] = [0, 0];
  const addresses = interfaces.map(() => 0);
  for (const { taskId, slot, stage, securityGroups } of isLost ? [] : containers.values()) {
    if (!tasks.has(taskId)) problems.push(`task ${taskId} runs on ${id} and is not booked there`);
    if (stage === 'ended') continue;
    const { jobId } = store.tasks.get(taskId)!;
    const { resources } = requests.of(jobId, store.jobs.get(jobId)!.spec);
    cpu += resources.cpu as number;
    memory += resources.memory as number;
    addresses[slot]++;
    if (interfaces[slot].label !== securityGroups)
      problems.push(`interface ${slot} of ${id} does not serve task ${taskId}`);
  }
  if (cpu > shape.cpu + 1e-6 || memory > shape.memoryMiB) problems.push(`agent ${id} is overbooked`);
  addresses.forEach((count, slot) => {
    if (!isLost && interfaces[slot].addresses !== count)
      problems.push(
        `interface ${slot} of ${id} counts ${interfaces[slot].addresses} addresses, not ${count}`,
      );
    if (count > interfacesOf(shape).addresses) problems.push(`interface ${slot} of ${id} is overbooked`);
  });
  return problems;
}

/** What capacity groups use, summed up anew. */
function wrongUse(
  placed: readonly TaskRecord[],
  { queue }: Master,
  store: TaskStore,
  requests: TaskRequests,
): string[] {
  const memoryByGroup = new Map<string, number>();
  for (const { jobId } of placed) {
    const { tier, bucket, resources } = requests.of(jobId, store.jobs.get(jobId)!.spec);
    const key = `${tier} ${bucket}`;
    memoryByGroup.set(key, (memoryByGroup.get(key) ?? 0) + (resources.memory as number));
  }
  const problems: string[] = [];
  for (let tier = 0; tier < queue.tierCount; tier++) {
    for (const { name, used } of queue.status(tier).buckets) {
      const expected = memoryByGroup.get(`${tier} ${name}`) ?? 0;
      if ((used.memory ?? 0) !== expected)
        problems.push(`group ${name} uses ${used.memory ?? 0} MiB by the queue, ${expected} by its tasks`);
    }
  }
  return problems;
}
