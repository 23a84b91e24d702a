/**
 * Brings a new agent and its host together: once after a restart, and slowly ever after. That the backend cannot list
 * its containers never means that there are none: then nothing is concluded and the agent stays fenced. Facilities
 * sweep only when every task was adopted, every journal could be read and no container is without one, because they
 * would take from those what they still use.
 */
import type { FoundContainer } from '../contract/container-backend.ts';
import type { Facility } from '../contract/facility.ts';
import { untilAborted } from '../host/abort.ts';
import { resumption } from './adoption.ts';
import { messageOf } from './errors.ts';
import type { Fences } from './fences.ts';
import type { Reaper, ReaperLimits } from './reaper.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import { sleep } from '../host/sleep.ts';
import { retried, type Step } from './step.ts';
import type { Task } from './task.ts';
import { resumeTask } from './task-runner.ts';

const FENCE = 'reconciliation';

export interface ReconciliationOptions {
  readonly context: RunnerContext;
  readonly reaper: Reaper;
  readonly limits: ReaperLimits;
  readonly fences: Fences;
  /** All with a readable journal, by id; grows and shrinks. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** Ids whose journals cannot be read. */
  readonly quarantined: ReadonlySet<string>;
  /** Runs a task in the background. */
  readonly run: (life: Promise<void>) => void;
  /** Something has failed and is tried again. */
  readonly onDelay: () => void;
}

export class Reconciliation {
  readonly #options: ReconciliationOptions;
  readonly #unswept: Set<Facility>;
  readonly #hadJournals: boolean;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
    this.#unswept = new Set(options.context.facilities);
    this.#hadJournals = options.tasks.size > 0 || options.quarantined.size > 0;
  }

  /** Resolves when every task was adopted. @throws ClosedError */
  async begin(): Promise<void> {
    const { fences, tasks, context, run } = this.#options;
    fences.put(FENCE, 'The containers of the agent before are being taken over.');
    const finished = this.#finishedIds();
    const found = await this.#listPatiently();
    const byId = new Map(found.map((container) => [container.id, container]));
    const adoptions: Promise<void>[] = [];
    for (const task of tasks.values()) {
      if (task.isFinished) continue;
      adoptions.push(
        new Promise((resolve) => {
          const resumed = resumption(task.record, byId.get(task.taskId));
          run(resumeTask(context, task, resumed, resolve));
        }),
      );
    }
    const all = Promise.all(adoptions);
    const late = sleep(context.clock, context.limits.adoptMs, context.closing).then(() => {
      if (fences.all.some(({ source }) => source === FENCE)) this.#options.onDelay();
    });
    late.catch(() => undefined);
    // A life that ends with the agent never tells that its task was adopted.
    await untilAborted(all, context.closing);
    await this.#look(found, finished);
    fences.lift(FENCE);
  }

  /** Looks again and again. Ends with a ClosedError. */
  async continue(): Promise<never> {
    const { context, limits } = this.#options;
    for (;;) {
      await sleep(context.clock, limits.intervalMs, context.closing);
      try {
        const finished = this.#finishedIds();
        await this.#look(await this.#list(), finished);
      } catch (error) {
        context.closing.throwIfAborted();
        context.observer.troubled('list the containers', error);
      }
    }
  }

  async #listPatiently(): Promise<readonly FoundContainer[]> {
    const { context, fences, onDelay } = this.#options;
    const { clock, limits, closing, observer } = context;
    for (;;) {
      try {
        return await retried(clock, { ...limits, signal: closing }, () => this.#list());
      } catch (error) {
        closing.throwIfAborted();
        observer.troubled('list the containers', error);
        fences.put(FENCE, `The backend cannot list its containers (${messageOf(error)}). Repair it.`);
        onDelay();
      }
      await sleep(clock, limits.slowRetryMs, closing);
    }
  }

  #list(): Promise<readonly FoundContainer[]> {
    const { backend, limits } = this.#options.context;
    return this.#step('', 'list', limits.listMs, () => backend.list());
  }

  #finishedIds(): ReadonlySet<string> {
    return new Set(
      [...this.#options.tasks.values()].filter((task) => task.isFinished).map((task) => task.taskId),
    );
  }

  /** @param finished - tasks that were finished before the list was made, and so must not be on it */
  async #look(found: readonly FoundContainer[], finished: ReadonlySet<string>): Promise<void> {
    const { context, reaper, tasks, quarantined } = this.#options;
    const { remove, newlyHeld } = reaper.look(
      found.map(({ id }) => id),
      (id) => {
        if (!tasks.has(id) && !quarantined.has(id)) return 'none';
        return finished.has(id) ? 'finished' : 'guarded';
      },
      this.#hadJournals,
      context.clock.monotonicMs(),
    );
    if (newlyHeld.length > 0) context.observer.orphansHeld(newlyHeld);
    for (const id of remove) await this.#reap(id);
    if (quarantined.size === 0 && reaper.orphans.length === 0) await this.#sweep();
  }

  async #reap(id: string): Promise<void> {
    const { backend, facilities, limits, closing, observer } = this.#options.context;
    try {
      await this.#step(id, 'remove', limits.removeMs, () => backend.remove(id));
      for (const facility of facilities.toReversed())
        await this.#step(id, `release:${facility.name}`, limits.releaseMs, () => facility.release(id));
      observer.reaped(id);
    } catch (error) {
      closing.throwIfAborted();
      observer.cleanUpFailed(id, 'reap', error);
    }
  }

  async #sweep(): Promise<void> {
    const { limits, closing, observer } = this.#options.context;
    for (const facility of [...this.#unswept]) {
      try {
        await this.#step('', `sweep:${facility.name}`, limits.sweepMs, () => facility.sweep());
        this.#unswept.delete(facility);
      } catch (error) {
        closing.throwIfAborted();
        observer.troubled(`sweep of ${facility.name}`, error);
      }
    }
  }

  #step<T>(taskId: string, name: string, limitMs: number, action: Step<T>['action']): Promise<T> {
    const { context } = this.#options;
    return observedStep(context, taskId, { name, limitMs, abortMs: 0, signal: context.closing, action });
  }
}
