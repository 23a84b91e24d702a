/**
 * Undoes what was done for a task, newest first. A step that fails is tried again a few times, then at a slow rate for
 * as long as it takes: a task is finished only when it holds nothing. A facility that fails does not stop the others.
 * But none is asked to release while the container may still be there, or its address could go to another task.
 */
import { messageOf } from './errors.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import { sleep } from '../host/sleep.ts';
import { retried } from './step.ts';
import type { Task } from './task.ts';

interface Undo {
  readonly name: string;
  readonly limitMs: number;
  readonly action: () => Promise<void>;
  readonly onStraggler?: (call: Promise<void>) => void;
}

/**
 * @param thorough - the task is launched again: a release that was given up must not take what comes then
 * @throws ClosedError
 */
export async function cleanUpTask(context: RunnerContext, task: Task, thorough = false): Promise<void> {
  const { clock, limits, closing } = context;
  await task.adoption;
  const all = undoSteps(context, task).map((step): Undo => {
    return thorough ? { ...step, onStraggler: (call) => task.addStraggler(call) } : step;
  });
  for (let rest: readonly Undo[] = all; ;) {
    rest = await attempt(context, task, rest);
    if (task.stragglers.length > 0) {
      task.setTrouble('clean-up', 'A call that was given up has not returned; its effect may still come.');
      await Promise.race([Promise.all(task.stragglers), sleep(clock, limits.slowRetryMs, closing)]);
      rest = all;
    } else if (rest.length === 0) break;
    else await sleep(clock, limits.slowRetryMs, closing);
  }
  task.clearTrouble();
}

/** @returns the steps that are still to be done */
async function attempt(context: RunnerContext, task: Task, steps: readonly Undo[]): Promise<readonly Undo[]> {
  const { clock, limits, closing, observer } = context;
  const failed: Undo[] = [];
  for (const [index, step] of steps.entries()) {
    const { name } = step;
    try {
      await retried(clock, { ...limits, signal: closing }, () =>
        observedStep(context, task.taskId, { ...step, abortMs: 0, signal: closing }),
      );
    } catch (error) {
      closing.throwIfAborted();
      task.setTrouble(name, messageOf(error));
      observer.cleanUpFailed(task.taskId, name, error);
      if (name === 'remove') return steps.slice(index);
      failed.push(step);
    }
  }
  return failed;
}

function undoSteps({ backend, facilities, limits }: RunnerContext, task: Task): readonly Undo[] {
  const { taskId, record, done } = task;
  const wasDone = (step: string): boolean => done === undefined || done.includes(step);
  const names = new Set(facilities.map(({ name }) => name));
  const strangers = (record.preparation?.contributions ?? []).filter(({ facility }) => !names.has(facility));
  return [
    ...(wasDone('create')
      ? [{ name: 'remove', limitMs: limits.removeMs, action: () => backend.remove(taskId) }]
      : []),
    ...strangers.map(({ facility }) => ({
      name: `release:${facility}`,
      limitMs: limits.releaseMs,
      action: () =>
        Promise.reject(
          new Error(`This agent has no facility "${facility}" any more. Start it with that facility again.`),
        ),
    })),
    ...facilities
      .filter(({ name }) => wasDone(`prepare:${name}`))
      .toReversed()
      .map((facility) => ({
        name: `release:${facility.name}`,
        limitMs: limits.releaseMs,
        action: () => facility.release(taskId),
      })),
  ];
}
