/**
 * Waits for the end of a container beside other things. A failing `wait` is tried again for ever: that the engine does
 * not answer says nothing about the container.
 */
import type { ContainerExit } from '../contract/container-backend.ts';
import { untilAborted } from '../host/abort.ts';
import { sleep } from '../host/sleep.ts';
import type { RunnerContext } from './runner-context.ts';
import type { Task } from './task.ts';

export class ExitWatch {
  exit: ContainerExit | undefined;
  readonly #context: RunnerContext;
  readonly #task: Task;
  readonly #waiting: Promise<void>;

  constructor(context: RunnerContext, task: Task, over: AbortSignal) {
    this.#context = context;
    this.#task = task;
    this.#waiting = this.#wait(over);
    // Who calls `next` learns of the abort; after that nobody needs to.
    this.#waiting.catch(() => undefined);
  }

  /**
   * Resolves at the end of the container, at a wish to kill, after a time, or with `other`.
   * @throws ClosedError
   */
  async next(withinMs?: number, other?: Promise<void>): Promise<void> {
    const { wish, cancel } = this.#task.nextKill();
    let cancelTimer: (() => void) | undefined;
    const timer = new Promise<void>((resolve) => {
      if (withinMs !== undefined) cancelTimer = this.#context.clock.schedule(withinMs, resolve);
    });
    try {
      await Promise.race([this.#waiting, wish, timer, ...(other === undefined ? [] : [other])]);
    } finally {
      cancel();
      cancelTimer?.();
    }
  }

  async #wait(over: AbortSignal): Promise<void> {
    const { backend, clock, limits, observer } = this.#context;
    for (let delayMs = limits.retryMs; ; delayMs = Math.min(2 * delayMs, limits.slowRetryMs)) {
      try {
        this.exit = await untilAborted(backend.wait(this.#task.taskId, over), over);
        return;
      } catch (error) {
        over.throwIfAborted();
        observer.troubled(`wait for task ${this.#task.taskId}`, error);
      }
      await sleep(clock, delayMs, over);
    }
  }
}
