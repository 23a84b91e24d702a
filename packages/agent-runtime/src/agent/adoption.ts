/**
 * What becomes of a task after a restart of the agent, decided from its journal and from what the backend found. The
 * guiding rule: before `start-initiated` no code of the user has run, so the launch may begin anew; after it, never.
 */
import type { FoundContainer, LiveContainer } from '../contract/container-backend.ts';
import { messageOf } from './errors.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import { sleep } from '../host/sleep.ts';
import { retried } from './step.ts';
import type { Task } from './task.ts';
import type { Outcome, TaskRecord } from './task-record.ts';

export type Resumption =
  /** Its end is known, from the journal or by `outcome`; clean-up follows. */
  | { readonly kind: 'clean-up'; readonly outcome: Outcome }
  /** From the beginning, after what may be left over is cleaned up. */
  | { readonly kind: 'relaunch' }
  /** The container is there and has not run yet. */
  | { readonly kind: 'attach'; readonly live: LiveContainer }
  /** It runs, or ended while there was no agent. */
  | { readonly kind: 'watch'; readonly live: LiveContainer | undefined };

/** A pure function. `found` is what the backend has of this task. */
export function resumption(record: TaskRecord, found: FoundContainer | undefined): Resumption {
  if (record.outcome !== undefined) return { kind: 'clean-up', outcome: record.outcome };
  const mayHaveRun = record.hasSaid('start-initiated');
  if (mayHaveRun && (found?.state === 'running' || found?.state === 'exited'))
    return { kind: 'watch', live: found.state === 'running' ? found.live : undefined };
  if (record.kill !== undefined) return { kind: 'clean-up', outcome: KILLED };
  if (found?.state === 'created')
    return record.preparation === undefined ? { kind: 'relaunch' } : { kind: 'attach', live: found.live };
  if (mayHaveRun || found?.state === 'running') return { kind: 'clean-up', outcome: LOST };
  return { kind: 'relaunch' };
}

const KILLED: Outcome = {
  reason: 'killed',
  message: 'Killed on request; the agent was restarted meanwhile.',
};
const LOST: Outcome = {
  reason: 'lost',
  message: 'The agent was restarted, its container is gone, and nothing tells how it ended.',
};

/**
 * Hands to each facility what it contributed to the task.
 * @param patient - goes on until it succeeds or clean-up begins; else one row of attempts
 * @returns whether all have taken it over
 * @throws ClosedError
 */
export async function adoptFacilities(
  context: RunnerContext,
  task: Task,
  live: LiveContainer | undefined,
  patient: boolean,
): Promise<boolean> {
  const { facilities, clock, limits, closing, observer } = context;
  const strangers: string[] = [];
  for (const { facility: name, contribution } of task.record.preparation?.contributions ?? []) {
    const facility = facilities.find((each) => each.name === name);
    if (facility === undefined) {
      strangers.push(name);
      continue;
    }
    const step = {
      name: `adopt:${name}`,
      limitMs: limits.adoptMs,
      abortMs: 0,
      signal: closing,
      action: () => facility.adopt(task.record.spec, contribution.data, live),
      onStraggler: (call: Promise<void>) => task.addStraggler(call),
    };
    for (;;) {
      if (task.cleaningSignal.aborted) return false;
      try {
        await retried(clock, { ...limits, signal: closing }, () => observedStep(context, task.taskId, step));
        break;
      } catch (error) {
        closing.throwIfAborted();
        task.setTrouble(step.name, messageOf(error));
        observer.troubled(`${step.name} of task ${task.taskId}`, error);
        if (!patient) return false;
        await pause(context, task);
      }
    }
  }
  task.clearTrouble();
  for (const name of strangers)
    task.setTrouble(
      `adopt:${name}`,
      `This agent has no facility "${name}" any more. Start it with it again.`,
    );
  return true;
}

async function pause({ clock, limits, closing }: RunnerContext, task: Task): Promise<void> {
  try {
    await sleep(clock, limits.slowRetryMs, task.cleaningSignal);
  } catch {
    // Clean-up has begun; the caller looks.
  }
  closing.throwIfAborted();
}
