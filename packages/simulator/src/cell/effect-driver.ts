/**
 * Carries out what job managers want done: writes to the store, queues, launches and kills on agents, frees bookings, and
 * wakes. Everything happens at once and in order, so no crash falls in between two effects of a step.
 */
import type { QueuedServiceTask, SchedulingService } from '@stowage/control-plane';
import type { Scheduler } from '@stowage/core';
import type { JobEffect, JobManager, TaskRecord } from '@stowage/jobs';
import type { TieredQueue } from '@stowage/queues';
import type { MasterWorld } from './master-world.ts';
import type { SimulatedAgent } from './simulated-agent.ts';
import { imageOf, securityGroupsOf } from './task-requests.ts';

/** What the driver needs of its master. */
interface Driven {
  readonly manager: JobManager;
  readonly scheduler: Scheduler;
  readonly queue: TieredQueue<QueuedServiceTask>;
  readonly booked: ReadonlyMap<string, Set<string>>;
  requestCycle(): void;
}

export class EffectDriver {
  /** Nothing that is left for later happens any more. */
  isDown = false;
  readonly #world: MasterWorld;
  readonly #master: Driven;
  readonly #service: SchedulingService;

  constructor(world: MasterWorld, master: Driven, service: SchedulingService) {
    this.#world = world;
    this.#master = master;
    this.#service = service;
  }

  carryOut(effects: readonly JobEffect[]): void {
    for (const effect of effects) this.#carryOutOne(effect);
  }

  #carryOutOne(effect: JobEffect): void {
    const { clock, store, recorder, requests } = this.#world;
    switch (effect.kind) {
      case 'persist':
        recorder.stored(effect, store.write(effect));
        if (effect.jobArchived) requests.forget(effect.jobId);
        break;
      case 'enqueue':
        this.#enqueue(effect.task);
        break;
      case 'launch':
        this.#launch(effect.task);
        break;
      case 'kill':
        recorder.counts.kills++;
        this.#onAgentOf(effect.task, (agent) => this.#world.fleet.kill(agent, effect.task.id));
        break;
      case 'release':
        this.#release(effect.taskId);
        break;
      case 'wake':
        clock.at(effect.atMs, () => {
          const { taskId } = effect.task;
          if (!this.isDown) this.carryOut(this.#master.manager.wake(taskId, clock.nowMs()).effects);
        });
        break;
      case 'notify':
        recorder.notified(effect);
        break;
    }
  }

  /** Takes a task out of the queue, or frees what it has booked. */
  #release(taskId: string): void {
    const { scheduler, queue, booked } = this.#master;
    const agentId = scheduler.agentOf(taskId);
    if (queue.get(taskId) !== undefined) this.#service.remove(taskId);
    if (agentId === undefined) return;
    const tasks = booked.get(agentId)!;
    tasks.delete(taskId);
    const agent = this.#world.fleet.agents.get(agentId)!;
    if (tasks.size === 0) agent.idleSinceMs = this.#world.clock.nowMs();
    this.#world.fleet.abandon(agent, taskId);
    if (this.#world.recorder.tally.states.accepted > 0) this.#master.requestCycle();
  }

  #enqueue({ id, jobId }: TaskRecord): void {
    const { requests, store } = this.#world;
    if (this.#master.queue.get(id) !== undefined) return;
    this.#service.submit({ ...requests.of(jobId, store.jobs.get(jobId)!.spec), id });
    this.#master.requestCycle();
  }

  #launch(task: TaskRecord): void {
    const { store, lifeCycles, fleet } = this.#world;
    const { id: taskId, jobId, index, resubmits } = task;
    const { kind, container } = store.jobs.get(jobId)!.spec;
    this.#onAgentOf(task, (agent) => {
      const { id: agentId, zone } = agent;
      fleet.launch(agent, {
        taskId,
        image: imageOf(container),
        securityGroups: securityGroupsOf(container),
        slot: store.slots.get(taskId)!,
        life: lifeCycles.lifeOf({ taskId, jobId, kind, index, resubmits, agentId, zone }),
      });
    });
  }

  /** An agent that is gone answers nothing; that its tasks are lost is said by others. */
  #onAgentOf({ placement }: TaskRecord, action: (agent: SimulatedAgent) => void): void {
    const agent = placement && this.#world.fleet.agents.get(placement.agentId);
    if (agent !== undefined) action(agent);
  }
}
