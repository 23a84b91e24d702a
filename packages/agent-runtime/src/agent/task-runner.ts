/**
 * The life of one task: launch, supervision, clean-up, `finished`. Each stage writes to the journal what the next one
 * needs before that begins, so a new agent can take over between any two instructions. How it ended is written before
 * clean-up removes the evidence.
 */
import type { LiveContainer } from '../contract/container-backend.ts';
import { untilAborted } from '../host/abort.ts';
import type { AdoptionOutcome } from './agent-observer.ts';
import { adoptFacilities, type Resumption } from './adoption.ts';
import { cleanUpTask } from './clean-up.ts';
import { launchTask } from './launch.ts';
import { launchOutcome } from './outcome.ts';
import type { RunnerContext } from './runner-context.ts';
import { superviseTask } from './supervision.ts';
import type { Task } from './task.ts';
import type { Outcome } from './task-record.ts';

/** Resolves when the task is finished. @throws ClosedError when the agent closes first */
export async function runTask(context: RunnerContext, task: Task): Promise<void> {
  await endTask(context, task, await launchAndSupervise(context, task));
}

/**
 * Goes on with a task after a restart.
 * @param adopted - called, perhaps twice, when its facilities have taken it over or need not any more
 */
export async function resumeTask(
  context: RunnerContext,
  task: Task,
  resumed: Resumption,
  adopted: () => void,
): Promise<void> {
  const tell = (outcome: AdoptionOutcome): void => context.observer.adopted(task.taskId, outcome);
  const adopt = (patient: boolean): Promise<boolean> => {
    const live = 'live' in resumed ? resumed.live : undefined;
    const adoption = adoptFacilities(context, task, live, patient);
    task.adoption = adoption.catch(() => undefined);
    return adoption;
  };
  if (resumed.kind === 'watch') {
    tell('watched');
    // Its end must be noticed even while a facility cannot take it over.
    await Promise.all([
      adopt(true).then(adopted),
      superviseTask(context, task).then((outcome) => endTask(context, task, outcome)),
    ]);
    return;
  }
  const complete = await adopt(false);
  // What a facility could not take over may be given away again, so nothing may be reserved before clean-up.
  if (complete) adopted();
  if (resumed.kind === 'clean-up') {
    tell(resumed.outcome.reason === 'lost' ? 'lost' : 'cleaned-up');
    await endTask(context, task, resumed.outcome);
    adopted();
    return;
  }
  const live = complete && resumed.kind === 'attach' ? resumed.live : undefined;
  tell(live === undefined ? 'relaunched' : 'resumed');
  if (live === undefined && task.record.hasSaid('launched')) {
    await cleanUpTask(context, task, true);
    await task.relaunched();
    task.done = [];
  }
  adopted();
  await endTask(context, task, await launchAndSupervise(context, task, live));
}

async function launchAndSupervise(
  context: RunnerContext,
  task: Task,
  live?: LiveContainer,
): Promise<Outcome> {
  try {
    await untilAborted(context.ready, task.launchSignal);
    await launchTask(context, task, live);
  } catch (error) {
    context.closing.throwIfAborted();
    return launchOutcome(error);
  }
  return superviseTask(context, task);
}

async function endTask(context: RunnerContext, task: Task, outcome: Outcome): Promise<void> {
  if (task.record.outcome === undefined) await task.ended(outcome);
  task.beginCleaning();
  await cleanUpTask(context, task);
  await task.finish();
}
