/**
 * From a running container to how it ended. A failing `wait` is tried again for ever: that the engine does not answer
 * says nothing about the container. A kill sends the stop signal, waits for the grace, and sends SIGKILL; signals that
 * fail only make it go on to the next stage. Who ended by itself before a signal was sent was not killed.
 */
import type { ContainerExit } from '../contract/container-backend.ts';
import { ChildAbort, untilAborted } from '../host/abort.ts';
import { KilledError } from './errors.ts';
import { exitOutcome } from './outcome.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import { sleep } from '../host/sleep.ts';
import { retried } from './step.ts';
import type { Task } from './task.ts';
import type { Outcome } from './task-record.ts';

/** @throws ClosedError */
export async function superviseTask(context: RunnerContext, task: Task): Promise<Outcome> {
  const over = new ChildAbort(context.closing);
  const watch = new ExitWatch(context, task, over.signal);
  // After a restart with a wish to kill nobody knows whether the signal was sent; the wish was told, so it counts.
  let signalled = task.record.kill !== undefined;
  try {
    await sayStarted(task);
    while (watch.exit === undefined && task.record.kill === undefined) await watch.next();
    if (watch.exit === undefined) {
      signalled = true;
      await kill(context, task, watch, over.signal);
    }
    if (watch.exit !== undefined)
      return exitOutcome(watch.exit, signalled, task.record.preparation?.args ?? []);
    return { reason: 'killed', message: 'Killed on request; it did not end by SIGKILL and is removed.' };
  } finally {
    over.abort(new Error('Nobody waits for this container any more.'));
    over.dispose();
  }
}

async function sayStarted(task: Task): Promise<void> {
  try {
    await task.say('started', 'The process runs.');
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
  }
}

async function kill(context: RunnerContext, task: Task, watch: ExitWatch, over: AbortSignal): Promise<void> {
  const { clock, limits } = context;
  let endMs = Infinity;
  const remainingMs = (): number => {
    const { graceMs, deadlineMs } = task.record.kill!;
    // The wall clock may have been set meanwhile; the grace is never longer than asked for.
    const wishMs = Math.min(Math.max(0, deadlineMs - clock.wallMs()), graceMs);
    endMs = Math.min(endMs, clock.monotonicMs() + wishMs);
    return endMs - clock.monotonicMs();
  };
  if (remainingMs() > 0) void send(context, task, task.record.preparation?.stopSignal ?? 'SIGTERM', over);
  while (watch.exit === undefined) {
    const leftMs = remainingMs();
    if (leftMs <= 0) break;
    await watch.next(leftMs);
  }
  if (watch.exit !== undefined) return;
  void send(context, task, 'SIGKILL', over);
  const killedMs = clock.monotonicMs();
  while (watch.exit === undefined) {
    const leftMs = killedMs + limits.killMs - clock.monotonicMs();
    if (leftMs <= 0) break;
    await watch.next(leftMs);
  }
}

async function send(context: RunnerContext, task: Task, name: string, over: AbortSignal): Promise<void> {
  const { backend, clock, limits, observer } = context;
  const step = {
    name: `signal:${name}`,
    limitMs: limits.signalMs,
    abortMs: 0,
    signal: over,
    action: () => backend.signal(task.taskId, name),
  };
  try {
    await retried(clock, { ...limits, signal: over }, () => observedStep(context, task.taskId, step));
  } catch (error) {
    if (!over.aborted) observer.troubled(`${step.name} of task ${task.taskId}`, error);
  }
}

/** Waits for the end of a container beside other things. */
class ExitWatch {
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
   * Resolves at the end of the container, at a wish to kill, or after a time.
   * @throws ClosedError
   */
  async next(withinMs?: number): Promise<void> {
    const { wish, cancel } = this.#task.nextKill();
    let cancelTimer: (() => void) | undefined;
    const timer = new Promise<void>((resolve) => {
      if (withinMs !== undefined) cancelTimer = this.#context.clock.schedule(withinMs, resolve);
    });
    try {
      await Promise.race([this.#waiting, wish, timer]);
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
