/**
 * The scheduling loop: brings supply, queue and engine up to date, runs a cycle when there is a reason to, and hands
 * out values that say what to launch, decline, stop, grow and shrink. What Fenzo's TaskSchedulingService does, on an
 * injected clock and without threads: between cycles every method takes effect at once.
 */
import type { Evaluation } from '@stowage/autoscale';
import {
  type AddedOffers,
  type GivenBack,
  type HandOver,
  type Offer,
  show,
  StowageError,
  type TaskHolding,
} from '@stowage/core';
import type { CycleResult } from './cycle-result.ts';
import { fail } from './errors.ts';
import { FixedDelayLoop } from './fixed-delay-loop.ts';
import { IdleAgents } from './idle-agents.ts';
import { placeQueued } from './scheduling-cycle.ts';
import { checkedSettings, type SchedulingServiceOptions, type ServiceSettings } from './service-options.ts';
import { MetricsCounter, type ServiceMetrics } from './service-metrics.ts';
import { groupOf, type QueuedServiceTask, type ServiceTask, toQueued } from './service-task.ts';

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
  #inCycle = false;
  #lastCycleMs = -Infinity;
  #changesSeen = -1;

  /** @throws StowageError INVALID_SERVICE_OPTION */
  constructor(options: SchedulingServiceOptions) {
    this.#settings = checkedSettings(options);
    const { clock, delayMs } = this.#settings;
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
   * Queues a task.
   * @throws StowageError INVALID_SERVICE_TASK, SERVICE_IN_CYCLE and those of `TieredQueue.enqueue`
   */
  submit(task: ServiceTask): void {
    this.#requireIdle('submit');
    this.#settings.queue.enqueue(toQueued(task), this.#nowMs());
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
    const queued = toQueued(task);
    queue.addLaunched(queued, this.#nowMs());
    try {
      if (offers === undefined) scheduler.adopt(task, agentId, holding.slots);
      else this.#requeue(offers.adopt(task, agentId, holding).takenBack);
    } catch (error) {
      queue.remove(task.id);
      throw error;
    }
    limits?.take(groupOf(task), queued.resources);
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
    const { queue } = this.#settings;
    this.#unplace(taskId);
    queue.remove(taskId);
  }

  /**
   * Queues a placed task again, as when its launch failed.
   * @param readyAtMs - not placed before this time. Default: at once
   * @throws StowageError UNKNOWN_QUEUED_TASK, WRONG_TASK_STATE, INVALID_TIME, SERVICE_IN_CYCLE
   */
  retry(taskId: string, readyAtMs?: number): void {
    this.#requireIdle('retry');
    const { queue } = this.#settings;
    const launched = queue.get(taskId)?.state === 'launched';
    queue.requeue(taskId, readyAtMs);
    if (launched) this.#releaseFrom(taskId);
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
    const changed = scheduler.engine.work.changes !== this.#changesSeen;
    const isDue = nowMs - this.#lastCycleMs >= maxDelayMs;
    return changed || isDue || queue.hasNews(nowMs) ? this.runCycle() : undefined;
  }

  /**
   * Runs a cycle now. What fails in it is in `errors` of the result; the rest stands.
   * @throws StowageError SERVICE_IN_CYCLE
   */
  runCycle(): CycleResult {
    this.#requireIdle('runCycle');
    const { clock, scheduler, beforeCycle, afterCycle } = this.#settings;
    const startMs = clock.nowMs();
    const errors: StowageError[] = [];
    this.#attempt(errors, 'HOOK_FAILED', 'beforeCycle', () => beforeCycle?.(startMs));
    const result = this.#cycle(startMs, errors);
    this.#lastCycleMs = startMs;
    this.#changesSeen = scheduler.engine.work.changes;
    this.#metrics.note(result, clock.nowMs() - startMs);
    this.#attempt(errors, 'HOOK_FAILED', 'afterCycle', () => afterCycle?.(result));
    return result;
  }

  /** What was counted so far and the state now. O(agents + queued tasks). */
  metrics(): ServiceMetrics {
    const { scheduler, queue } = this.#settings;
    return this.#metrics.read(scheduler, queue, this.#nowMs());
  }

  #cycle(nowMs: number, errors: StowageError[]): CycleResult {
    const { scheduler } = this.#settings;
    this.#inCycle = true;
    try {
      this.#attempt(errors, 'CYCLE_FAILED', 'advancing the clock', () => this.#advanceTo(nowMs));
      const givenBack =
        this.#attempt(errors, 'CYCLE_FAILED', 'expiring offers', () => this.#expire(nowMs)) ?? [];
      const placed = this.#attempt(errors, 'CYCLE_FAILED', 'placing tasks', () =>
        placeQueued(this.#settings, nowMs),
      ) ?? { placements: [], failures: [], preemptions: [], complete: false };
      const handOvers =
        this.#attempt(errors, 'CYCLE_FAILED', 'handing offers over', () => this.#handOver(placed)) ?? [];
      const scaling = this.#attempt(errors, 'CYCLE_FAILED', 'scaling', () => this.#scale(placed, nowMs));
      return { nowMs, ...placed, handOvers, givenBack, evictions: scheduler.evictions(), scaling, errors };
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

  #handOver({ placements }: Pick<CycleResult, 'placements'>): HandOver[] {
    const { offers } = this.#settings;
    return offers === undefined ? [] : offers.handOver(placements);
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
      const message = error instanceof Error ? error.message : show(error);
      errors.push(new StowageError(code, `${what} failed: ${message}`, error));
      return undefined;
    }
  }

  #requeue(taskIds: readonly string[]): void {
    const { queue, limits } = this.#settings;
    for (const id of taskIds) {
      const { task, resources } = queue.get(id)!.task;
      limits?.release(groupOf(task), resources);
      queue.requeue(id);
    }
  }

  #unplace(taskId: string): void {
    if (this.#settings.queue.get(taskId)?.state === 'launched') this.#releaseFrom(taskId);
  }

  #releaseFrom(taskId: string): void {
    const { queue, scheduler, offers, limits } = this.#settings;
    const { task, resources }: QueuedServiceTask = queue.get(taskId)!.task;
    if (offers === undefined) scheduler.release(taskId);
    else offers.release(taskId);
    limits?.release(groupOf(task), resources);
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
