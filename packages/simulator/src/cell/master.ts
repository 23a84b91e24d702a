/**
 * The control plane of a cell, as it is in memory: job managers, queue, engine and scheduling service, all the real ones.
 * Losing this object is a crash of the master; a new one is built from the store and from what the agents run.
 */
import { type ServiceFailure, SchedulingService, type QueuedServiceTask } from '@stowage/control-plane';
import { Scheduler } from '@stowage/core';
import { type Handled, type JobEvent, JobManager, type Rejection, type TaskEvent } from '@stowage/jobs';
import { TieredQueue } from '@stowage/queues';
import { fail } from '../errors.ts';
import type { AgentStatus } from './agent-fleet.ts';
import { EffectDriver } from './effect-driver.ts';
import type { MasterWorld } from './master-world.ts';
import { CELL_RESOURCES, fitnessOf, resourcesOf } from './placement-policies.ts';
import type { PlacementPolicy } from './scenario.ts';
import type { SimulatedAgent } from './simulated-agent.ts';
import { TIER_ATTRIBUTE, TIERS } from './task-requests.ts';
import { tierSettings } from './tier-settings.ts';

/** Nobody asks a simulated cell for what has ended. */
const ARCHIVE = { maxTasks: 1_000, maxJobs: 1_000, maxTasksPerJob: 1_000 };

export class Master {
  readonly manager: JobManager;
  readonly scheduler: Scheduler;
  readonly queue: TieredQueue<QueuedServiceTask>;
  /** Ids of tasks by the agent that they are booked on. */
  readonly booked: Map<string, Set<string>> = new Map();
  /** Of the last cycle. */
  failures: readonly ServiceFailure[] = [];
  readonly #world: MasterWorld;
  readonly #service: SchedulingService;
  readonly #driver: EffectDriver;
  #isDown = false;
  #cycleIsDue = false;
  /** When the next cycle may be. */
  #nextCycleMs = -Infinity;

  constructor(world: MasterWorld) {
    const { clock, scenario, fleet } = world;
    this.#world = world;
    const { perSecond, burst } = scenario.systemEvictions ?? { perSecond: 50, burst: 500 };
    this.manager = new JobManager({
      policy: scenario.jobPolicy,
      systemEvictions: { refill: perSecond, burst },
      archive: ARCHIVE,
    });
    this.scheduler = new Scheduler({
      resources: CELL_RESOURCES,
      fitness: fitnessOf(world.placement),
      // Jobs bring tasks in groups, and Titus' fitness costs several times what the engine's estimate says.
      structure: 'class-tree',
      agentCapacity: Math.max(64, fleet.agents.size * 2),
    });
    this.queue = new TieredQueue({ tiers: TIERS.length, schema: this.scheduler.engine.schema });
    TIERS.forEach((tier, i) => this.queue.setTier(i, tierSettings(scenario, tier)));
    this.#service = new SchedulingService({
      scheduler: this.scheduler,
      queue: this.queue,
      clock,
      evictions: false,
      explanationAgeMs: 10_000,
    });
    this.#driver = new EffectDriver(world, this, this.#service);
    for (const agent of fleet.agents.values()) this.addAgent(agent);
  }

  /** Takes over what the store holds and the agents run. */
  restore(): void {
    const { store, fleet, requests, clock } = this.#world;
    for (const { id, jobId, status, placement } of store.tasks.values()) {
      if (placement === undefined || status.state === 'accepted' || status.state === 'finished') continue;
      if (!fleet.agents.has(placement.agentId)) continue;
      const request = requests.of(jobId, store.jobs.get(jobId)!.spec);
      const slots = { eni: [store.slots.get(id)!] };
      this.#service.adopt({ ...request, id }, placement.agentId, { slots });
      this.booked.get(placement.agentId)!.add(id);
      if (status.state === 'started') this.#service.started(id);
    }
    const stored = { jobs: store.jobs.values(), tasks: store.tasks.values() };
    this.#driver.carryOut(this.manager.restore(stored, clock.nowMs()).effects);
    this.requestCycle();
  }

  /** It has crashed: nothing that it wanted to do later happens. */
  shutDown(): void {
    this.#isDown = true;
    this.#driver.isDown = true;
  }

  submit(jobId: string, spec: unknown): void {
    const { recorder, clock, scenario } = this.#world;
    const submission = this.manager.submit(spec, { jobId, nowMs: clock.nowMs() });
    if (submission.ok) {
      recorder.counts.jobsSubmitted++;
      recorder.note('submitted', 'job', jobId);
      this.#driver.carryOut(submission.effects);
    } else if (submission.rejection !== undefined) recorder.rejected(jobId, submission.rejection);
    else {
      const [{ path, message }] = submission.errors;
      fail('INVALID_OPTION', `job "${jobId}" of scenario "${scenario.name}", ${path}: ${message}`);
    }
  }

  /** @returns why it was refused */
  handle(jobId: string, event: JobEvent): Rejection | undefined {
    return this.#done(jobId, this.manager.handle(jobId, event, this.#world.clock.nowMs()));
  }

  evict(taskId: string, message: string): Rejection | undefined {
    const handled = this.manager.evict(taskId, { nowMs: this.#world.clock.nowMs(), message });
    if (handled.rejection === undefined) this.#world.recorder.counts.evictions++;
    return this.#done(taskId, handled);
  }

  /** What an agent says. */
  taskStatus(taskId: string, status: AgentStatus): void {
    const rejection = this.#handleTask(taskId, { kind: 'task-status', ...status });
    if (rejection === undefined && status.state === 'started' && this.scheduler.agentOf(taskId) !== undefined)
      this.#service.started(taskId);
  }

  addAgent(agent: SimulatedAgent): void {
    const { id, zone, pool, shape } = agent;
    this.scheduler.addAgent({
      id,
      resources: resourcesOf(shape),
      attributes: { zone, [TIER_ATTRIBUTE]: pool.tier, machineType: pool.name, phase: 'active' },
    });
    this.booked.set(id, new Set());
    this.reportAgent(agent);
    if (agent.isDraining) this.scheduler.drainAgent(id);
    this.requestCycle();
  }

  /** What the agent reports of itself. */
  reportAgent(agent: SimulatedAgent): void {
    const cached = agent.cached(this.#world.clock.nowMs());
    const signals: Record<string, number> = agent.isPhasedOut ? { quality: 0 } : {};
    this.scheduler.reportAgent(agent.id, { cached, signals });
  }

  /** Only an agent without tasks. */
  removeAgent({ id }: SimulatedAgent): void {
    this.scheduler.removeAgent(id);
    this.booked.delete(id);
  }

  /** The agent is known to be gone: so are its tasks. */
  declareLost(agent: SimulatedAgent): void {
    this.scheduler.drainAgent(agent.id);
    for (const taskId of [...this.booked.get(agent.id)!])
      this.#handleTask(taskId, { kind: 'task-status', state: 'finished', reason: 'lost' });
    this.removeAgent(agent);
  }

  usePlacement(policy: PlacementPolicy): void {
    this.scheduler.useFitness(fitnessOf(policy));
    this.requestCycle();
  }

  /** Lets a cycle happen soon, but not before the pace allows. */
  requestCycle(): void {
    if (this.#cycleIsDue) return;
    this.#cycleIsDue = true;
    this.#world.clock.at(this.#nextCycleMs, () => {
      if (!this.#isDown) this.#cycle();
    });
  }

  #cycle(): void {
    const { clock, recorder, store, fleet, settings } = this.#world;
    this.#cycleIsDue = false;
    const { placements, failures, errors, complete } = this.#service.runCycle();
    if (errors.length > 0) throw errors[0];
    recorder.counts.schedulingCycles++;
    recorder.counts.placementFailures += failures.length;
    this.failures = failures;
    const { cycleMs, failureMs } = settings.paces;
    this.#nextCycleMs = clock.nowMs() + cycleMs + failures.length * failureMs;
    for (const { task: taskId, agent: agentId, slots } of placements) {
      store.slots.set(taskId, slots.eni[0]);
      this.booked.get(agentId)!.add(taskId);
      const { zone } = fleet.agents.get(agentId)!;
      // Never refused: whatever ends an accepted task takes it out of the queue in the same moment.
      this.#handleTask(taskId, { kind: 'placed', placement: { agentId, zone } });
    }
    if (!complete) this.requestCycle();
  }

  #handleTask(taskId: string, event: TaskEvent): Rejection | undefined {
    return this.#done(taskId, this.manager.handleTask(taskId, event, this.#world.clock.nowMs()));
  }

  #done(what: string, { effects, rejection }: Handled): Rejection | undefined {
    if (rejection !== undefined) this.#world.recorder.rejected(what, rejection);
    this.#driver.carryOut(effects);
    return rejection;
  }
}
