/**
 * The scheduling loop: brings supply, queue and engine up to date, runs a cycle when there is a reason to, and hands
 * out values that say what to launch, decline, stop, grow and shrink. What Fenzo's TaskSchedulingService does, on an
 * injected clock and without threads: between cycles every method takes effect at once.
 */
import type { Evaluation } from '@stowage/autoscale';
import {
  type AddedOffers,
  type GivenBack,
  type Offer,
  type Placement,
  show,
  StowageError,
  type TaskHolding,
} from '@stowage/core';
import type { QueueEntry } from '@stowage/queues';
import type { CycleResult, ServicePreemption } from './cycle-result.ts';
import { fail } from './errors.ts';
import { FixedDelayLoop } from './fixed-delay-loop.ts';
import { IdleAgents } from './idle-agents.ts';
import { HandOvers } from './hand-overs.ts';
import { Explanations } from './explanations.ts';
import { placeQueued, TaskOutcomes } from './scheduling-cycle.ts';
import { checkedSettings, type SchedulingServiceOptions, type ServiceSettings } from './service-options.ts';
import { MetricsCounter, type ServiceMetrics } from './service-metrics.ts';
import { type QueuedServiceTask, type ServiceTask, toQueued } from './service-task.ts';

/**
 * Schedules tasks from a queue, again and again.
 *
 * Methods that change something throw SERVICE_IN_CYCLE when a plug-in calls them in the middle of a cycle.
 *
 * @example
 * ```ts
 * const scheduler = new Scheduler({ fitness: binPacking('cpu', 'memory') });
 * const queue = new TieredQueue<QueuedServiceTask>({ tiers: 2, schema: scheduler.engine.schema });
 * const service = new SchedulingService({ scheduler, queue, afterCycle: ({ placements }) => launch(placements) });
 * service.submit({ id: 'web-1', tier: 0, bucket: 'web', resources: { cpu: 1 } });
 * service.start();
 * ```
 * @public
 */
export class SchedulingService {
  readonly #settings: ServiceSettings;
  readonly #loop: FixedDelayLoop;
  readonly #metrics = new MetricsCounter();
  readonly #idleAgents = new IdleAgents();
  readonly #explanations: Explanations;
  readonly #handOvers: HandOvers | undefined;
  readonly #lateErrors: StowageError[] = [];
  /** While a cycle and its hooks run. */
  #running = false;
  /** While the queue is open: between the hooks. */
  #inCycle = false;
  #lastCycleMs = -Infinity;
  #changesSeen = -1;

  /** @throws StowageError INVALID_SERVICE_OPTION */
  constructor(options: SchedulingServiceOptions) {
    this.#settings = checkedSettings(options);
    const { clock, delayMs, offers, scheduler } = this.#settings;
    this.#handOvers = offers === undefined ? undefined : new HandOvers(offers, scheduler);
    this.#explanations = new Explanations(this.#settings.explanationAgeMs);
    this.#loop = new FixedDelayLoop(clock, delayMs, () => this.tick());
  }

  /** Starts the loop; without effect when it runs. */
  start(): void {
    this.#loop.start();
  }

  /** Stops the loop; state and methods stay as they are. */
  stop(): void {
    this.#loop.stop();
  }

  get isRunning(): boolean {
    return this.#loop.isRunning;
  }

  /**
   * Queues a task, once it is known that the scheduler can read it.
   * @throws StowageError INVALID_SERVICE_TASK, SERVICE_IN_CYCLE and those of `Scheduler.check` and
   * `TieredQueue.enqueue`; then nothing has changed
   */
  submit(task: ServiceTask): void {
    this.#requireIdle('submit');
    this.#settings.queue.enqueue(this.#checked(task), this.#nowMs());
  }

  /**
   * Takes over a task that runs already, as after a restart.
   * @param holding - `slots` that it holds, by resource set; with offers also `values` (ports), by offered name
   * @throws StowageError INVALID_SERVICE_TASK, SERVICE_IN_CYCLE and those of `Scheduler.adopt` and
   * `TieredQueue.addLaunched`; then nothing has changed
   */
  adopt(task: ServiceTask, agentId: string, holding: TaskHolding = {}): void {
    this.#requireIdle('adopt');
    const { queue, scheduler, offers, limits } = this.#settings;
    requireHolding(holding);
    const queued = this.#checked(task);
    queue.addLaunched(queued, this.#nowMs());
    let takenBack: readonly string[] = [];
    try {
      if (offers === undefined) scheduler.adopt(task, agentId, holding.slots);
      else takenBack = offers.adopt(task, agentId, holding).takenBack;
    } catch (error) {
      queue.remove(task.id);
      throw error;
    }
    limits?.take(queued.group, queued.resources);
    this.#requeue(takenBack);
  }

  /** Notes that a placed task runs. @throws StowageError UNKNOWN_TASK, INVALID_STAGE, SERVICE_IN_CYCLE */
  started(taskId: string): void {
    this.#requireIdle('started');
    this.#settings.scheduler.start(taskId);
  }

  /**
   * Forgets a task, queued or placed, and frees what it used.
   * @throws StowageError UNKNOWN_QUEUED_TASK, SERVICE_IN_CYCLE
   */
  remove(taskId: string): void {
    this.#requireIdle('remove');
    const entry = this.#settings.queue.get(taskId);
    if (entry?.state === 'launched') this.#release(taskId);
    this.#forget(taskId, entry);
  }

  /**
   * Queues a placed task again, as when its launch failed.
   * @param readyAtMs - not placed before this time. Default: at once
   * @throws StowageError UNKNOWN_QUEUED_TASK, WRONG_TASK_STATE, INVALID_TIME, SERVICE_IN_CYCLE
   */
  retry(taskId: string, readyAtMs?: number): void {
    this.#requireIdle('retry');
    const { queue, limits } = this.#settings;
    queue.requeue(taskId, readyAtMs);
    this.#release(taskId);
    const { group, resources } = queue.get(taskId)!.task;
    limits?.release(group, resources);
  }

  /**
   * Carries out a plan of the last cycle: its victims are taken out of the service, and are to be stopped; the task
   * is booked in their place as a reservation. When they have stopped, `confirm` it.
   * @throws StowageError STALE_PLAN, INVALID_SERVICE_TASK unless the task is queued, INVALID_SERVICE_OPTION with offers,
   * SERVICE_IN_CYCLE; then nothing has changed
   */
  preempt(plan: ServicePreemption): Placement {
    this.#requireIdle('preempt');
    const { queue, scheduler, offers, limits } = this.#settings;
    if (offers !== undefined)
      fail('INVALID_SERVICE_OPTION', 'with offers, what preempted tasks leave comes back as a new offer.');
    const entry = queue.get(plan?.preemptor);
    if (entry?.state !== 'queued')
      return fail('INVALID_SERVICE_TASK', `task ${show(plan?.preemptor)} is not queued; plan again.`);
    const placement = scheduler.preempt(entry.task.task, plan);
    for (const { task } of plan.victims) {
      const victim = queue.get(task);
      if (victim !== undefined) this.#forget(task, victim);
    }
    queue.remove(plan.preemptor);
    queue.addLaunched(entry.task, this.#nowMs());
    limits?.take(entry.task.group, entry.task.resources);
    return placement;
  }

  /** Lets a reserved task start. @throws StowageError UNKNOWN_TASK, INVALID_STAGE, SERVICE_IN_CYCLE */
  confirm(taskId: string): void {
    this.#requireIdle('confirm');
    this.#settings.scheduler.confirm(taskId);
  }

  /** Lets a queued task wait until a time. @throws StowageError as `TieredQueue.setReadyAt`, SERVICE_IN_CYCLE */
  setReadyAt(taskId: string, readyAtMs: number): void {
    this.#requireIdle('setReadyAt');
    this.#settings.queue.setReadyAt(taskId, readyAtMs);
  }

  /**
   * Takes offers in. Placed tasks that lost what they were placed on are queued again.
   * @throws StowageError INVALID_SERVICE_OPTION without an offer pool, INVALID_SPEC, SERVICE_IN_CYCLE
   */
  addOffers(offers: readonly Offer[]): AddedOffers {
    this.#requireIdle('addOffers');
    const added = this.#offers().add(offers, this.#nowMs());
    this.#requeue(added.takenBack);
    return added;
  }

  /** Takes an offer back. @throws StowageError as `addOffers` */
  rescindOffer(offerId: string): void {
    this.#requireIdle('rescindOffer');
    this.#requeue(this.#offers().rescind(offerId, this.#nowMs()).takenBack);
  }

  /** Runs a cycle if there is a reason to: news in the queue, changes of agents or tasks, or `maxDelayMs` passed. */
  tick(): CycleResult | undefined {
    const { queue, scheduler, maxDelayMs } = this.#settings;
    const nowMs = this.#nowMs();
    if (scheduler.engine.transactionDepth === 0) this.#advanceTo(nowMs);
    const changed = scheduler.engine.work.changes !== this.#changesSeen;
    const isDue = nowMs - this.#lastCycleMs >= maxDelayMs;
    return changed || isDue || queue.hasNews(nowMs) ? this.runCycle() : undefined;
  }

  /**
   * Runs a cycle now. What fails in it is in `errors` of the result; the rest stands. A promise that a hook returns
   * is not waited for; when it is rejected, that is in `errors` of the next cycle.
   * @throws StowageError SERVICE_IN_CYCLE, also from within a hook, TRANSACTION_OPEN
   */
  runCycle(): CycleResult {
    const { clock, scheduler, beforeCycle, afterCycle } = this.#settings;
    if (this.#running) fail('SERVICE_IN_CYCLE', 'runCycle was called from within a cycle; let it end first.');
    if (scheduler.engine.transactionDepth > 0) {
      throw new StowageError(
        'TRANSACTION_OPEN',
        'a cycle cannot be run inside a transaction of the scheduler; commit or roll back first.',
      );
    }
    this.#running = true;
    try {
      const startMs = clock.nowMs();
      const errors = this.#lateErrors.splice(0);
      this.#attempt(errors, 'HOOK_FAILED', 'beforeCycle', () =>
        this.#watch('beforeCycle', beforeCycle?.(startMs)),
      );
      const result = this.#cycle(startMs, errors);
      this.#lastCycleMs = startMs;
      this.#changesSeen = scheduler.engine.work.changes;
      this.#metrics.note(result, clock.nowMs() - startMs);
      const counted = errors.length;
      this.#attempt(errors, 'HOOK_FAILED', 'afterCycle', () =>
        this.#watch('afterCycle', afterCycle?.(result)),
      );
      if (errors.length > counted) this.#metrics.noteError();
      return result;
    } finally {
      this.#running = false;
    }
  }

  /** What was counted so far and the state now. O(agents + queued tasks). */
  metrics(): ServiceMetrics {
    const { scheduler, queue } = this.#settings;
    return this.#metrics.read(scheduler, queue, this.#nowMs());
  }

  #cycle(nowMs: number, errors: StowageError[]): CycleResult {
    const { scheduler, evictions: namesEvictions } = this.#settings;
    this.#inCycle = true;
    try {
      this.#attempt(errors, 'CYCLE_FAILED', 'advancing the clock', () => this.#advanceTo(nowMs));
      const givenBack =
        this.#attempt(errors, 'CYCLE_FAILED', 'expiring offers', () => this.#expire(nowMs)) ?? [];
      const placed = new TaskOutcomes();
      this.#attempt(errors, 'CYCLE_FAILED', 'placing tasks', () =>
        placeQueued(this.#settings, this.#explanations, nowMs, placed),
      );
      const handOvers =
        this.#handOvers?.handOver(placed.placements, (agent, action) =>
          this.#attempt(errors, 'CYCLE_FAILED', `handing over the offers of agent "${agent}"`, action),
        ) ?? [];
      const scaling = this.#attempt(errors, 'CYCLE_FAILED', 'scaling', () => this.#scale(placed, nowMs));
      const evictions = namesEvictions ? scheduler.evictions() : [];
      return { nowMs, ...placed, handOvers, givenBack, evictions, scaling, errors };
    } finally {
      this.#inCycle = false;
    }
  }

  /** The engine's clock never goes back, the machine's may. */
  #advanceTo(nowMs: number): void {
    const { scheduler } = this.#settings;
    if (nowMs > scheduler.engine.cluster.nowMs()) scheduler.advanceTo(nowMs);
  }

  #expire(nowMs: number): GivenBack[] {
    const { offers } = this.#settings;
    if (offers === undefined) return [];
    const givenBack = [...offers.expireClosed(nowMs), ...offers.expire(nowMs)];
    for (const { takenBack } of givenBack) this.#requeue(takenBack);
    return givenBack;
  }

  #scale({ failures }: Pick<CycleResult, 'failures'>, nowMs: number): Evaluation | undefined {
    const { autoScaler, scheduler, queue, offers } = this.#settings;
    if (autoScaler === undefined) return undefined;
    const inService = scheduler
      .agentStatuses()
      .filter(({ id, taskCount }) => taskCount > 0 || offers === undefined || offers.offersOf(id).length > 0);
    const agents = this.#idleAgents.observe(inService, nowMs);
    const failedTasks = failures.map(({ spec, kind }) => ({
      task: spec,
      kind,
      waitingSinceMs: queue.get(spec.id)!.enqueuedAtMs,
      ...(spec.pools === undefined ? {} : { pools: spec.pools }),
      ...(spec.sloMs === undefined ? {} : { sloMs: spec.sloMs }),
    }));
    return autoScaler.evaluate({ agents, failedTasks }, nowMs);
  }

  /** Does a part of a cycle; what it throws is noted, and the other parts go on. */
  #attempt<T>(
    errors: StowageError[],
    code: 'HOOK_FAILED' | 'CYCLE_FAILED',
    what: string,
    action: () => T,
  ): T | undefined {
    try {
      return action();
    } catch (error) {
      errors.push(failure(code, what, error));
      return undefined;
    }
  }

  /** Queues tasks again that their agents have lost; those that the queue does not know are not its business. */
  #requeue(taskIds: readonly string[]): void {
    const { queue, limits } = this.#settings;
    for (const id of taskIds) {
      const entry = queue.get(id);
      if (entry?.state !== 'launched') continue;
      queue.requeue(id);
      limits?.release(entry.task.group, entry.task.resources);
    }
  }

  /** Takes a task off its agent, if it is still there. */
  #release(taskId: string): void {
    const { scheduler, offers } = this.#settings;
    if (scheduler.agentOf(taskId) === undefined) return;
    if (offers === undefined) scheduler.release(taskId);
    else offers.release(taskId);
  }

  /** Removes a task from the queue and from the use of its group. */
  #forget(taskId: string, entry: QueueEntry<QueuedServiceTask> | undefined): void {
    const { queue, limits } = this.#settings;
    queue.remove(taskId);
    if (entry?.state === 'launched') limits?.release(entry.task.group, entry.task.resources);
  }

  #checked(task: ServiceTask): QueuedServiceTask {
    const { scheduler, limits } = this.#settings;
    const queued = toQueued(task);
    scheduler.check(task);
    limits?.refusal(queued.group, queued.resources);
    return queued;
  }

  #watch(hook: string, returned: unknown): void {
    if (!(returned instanceof Promise)) return;
    returned.catch((error: unknown) => {
      this.#metrics.noteError();
      this.#lateErrors.push(failure('HOOK_FAILED', `${hook}, in its promise,`, error));
    });
  }

  #offers() {
    const { offers } = this.#settings;
    return (
      offers ?? fail('INVALID_SERVICE_OPTION', 'the service has no offer pool; give it one as "offers".')
    );
  }

  #requireIdle(operation: string): void {
    if (this.#inCycle)
      fail('SERVICE_IN_CYCLE', `${operation} was called in the middle of a cycle; call it in afterCycle.`);
  }

  #nowMs(): number {
    return this.#settings.clock.nowMs();
  }
}

function failure(code: 'HOOK_FAILED' | 'CYCLE_FAILED', what: string, error: unknown): StowageError {
  const message = error instanceof Error ? error.message : show(error);
  return new StowageError(code, `${what} failed: ${message}`, error);
}

/** Slots given without their name would be overlooked. */
function requireHolding(holding: TaskHolding): void {
  const given: unknown = holding;
  const stray =
    typeof given === 'object' && given !== null
      ? Object.keys(given).find((field) => field !== 'slots' && field !== 'values')
      : show(given);
  if (stray !== undefined)
    fail('INVALID_SERVICE_TASK', `what the task holds has ${show(stray)}; give { slots, values }.`);
}
