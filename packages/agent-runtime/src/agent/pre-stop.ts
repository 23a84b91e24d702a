/**
 * The hook of a kill before its stop signal. Whatever becomes of it, the kill goes on: at its end, at its limit, when
 * the container ends, and when a later wish leaves less grace. It is begun at most once, so that nothing is handed over
 * or signed off twice: the journal says that it begins before it does, and an agent that finds this after a restart
 * sends the stop signal.
 * Source: the order of a kill in Titus's executor; Kubernetes' hooks run at least once, and within the grace.
 */
import { ChildAbort } from '../host/abort.ts';
import type { ExitWatch } from './exit-watch.ts';
import { preStopLimitMs } from './container-plan.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import type { Task } from './task.ts';

/**
 * Resolves when the hook is over; a call that was given up is followed by clean-up.
 * @throws ClosedError
 */
export async function runPreStop(
  context: RunnerContext,
  task: Task,
  watch: ExitWatch,
  over: AbortSignal,
): Promise<void> {
  const { backend, clock, observer } = context;
  const { taskId, record } = task;
  const wish = record.kill!;
  // Its time began with the wish: while no agent ran it has passed all the same.
  const leftMs = wish.deadlineMs - wish.graceMs - clock.wallMs();
  const limitMs = Math.min(preStopLimitMs(record.spec), leftMs);
  if (limitMs <= 0) return;
  const stop = new ChildAbort(over);
  const step = {
    name: 'pre-stop',
    limitMs,
    abortMs: 0,
    signal: stop.signal,
    action: async (signal: AbortSignal) => {
      await task.beginPreStop();
      signal.throwIfAborted();
      const { exitCode, output } = await backend.exec(taskId, record.spec.preStop!.command, signal);
      if (exitCode !== 0) throw new Error(`The hook ended with exit code ${exitCode}. ${output}`.trim());
    },
    onStraggler: (call: Promise<void>) => task.addStraggler(call),
  };
  let isOver = false;
  const hook = observedStep(context, taskId, step)
    .catch((error: unknown) => {
      if (!stop.signal.aborted) observer.troubled(`pre-stop hook of task ${taskId}`, error);
    })
    .finally(() => (isOver = true));
  try {
    while (!isOver && watch.exit === undefined && record.kill === wish) await watch.next(undefined, hook);
  } finally {
    stop.abort(new Error('The hook is no longer waited for.'));
    stop.dispose();
  }
}
