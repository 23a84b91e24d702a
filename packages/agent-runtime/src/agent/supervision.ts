/**
 * From a running container to how it ended. A kill runs the hook, sends the stop signal, waits for the grace, and sends
 * SIGKILL; a hook or signal that fails only makes it go on to the next stage. Who ended by itself before the kill began
 * was not killed.
 */
import { ChildAbort } from '../host/abort.ts';
import { KilledError } from './errors.ts';
import { ExitWatch } from './exit-watch.ts';
import { exitOutcome } from './outcome.ts';
import { runPreStop } from './pre-stop.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
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
  if (task.record.isHookDue) await runPreStop(context, task, watch, over);
  if (watch.exit !== undefined) return;
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
