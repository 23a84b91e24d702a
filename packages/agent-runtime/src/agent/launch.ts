/**
 * From an accepted task to the user's running process: pull beside the facilities in order, plan, create, attach, start.
 * The first failure aborts what runs beside it; everything that was begun is noted first, for clean-up to undo.
 */
import type { LiveContainer } from '../contract/container-backend.ts';
import type { Image } from '../contract/container-spec.ts';
import type { Contribution } from '../contract/facility.ts';
import { ChildAbort } from '../host/abort.ts';
import { planContainer } from './container-plan.ts';
import { observedStep, type RunnerContext } from './runner-context.ts';
import type { Task } from './task.ts';
import type { Preparation } from './task-record.ts';

type Named = Preparation['contributions'][number];

/**
 * @param container - one that an earlier agent made with the preparation in the journal; else it begins at the beginning
 * @throws KilledError, ClosedError, StepTimeoutError, or what a step threw
 */
export async function launchTask(
  context: RunnerContext,
  task: Task,
  container?: LiveContainer,
): Promise<void> {
  const leave = await context.starts.enter(task.launchSignal);
  try {
    const live = container ?? (await makeContainer(context, task));
    const prepared = new Set(task.record.preparation!.contributions.map(({ facility }) => facility));
    for (const facility of context.facilities) {
      if (prepared.has(facility.name))
        await launchStep(context, task, `attach:${facility.name}`, context.limits.attachMs, (signal) =>
          facility.attach(task.record.spec, live, signal),
        );
    }
    await task.say('start-initiated', 'The container is ready, and its process is being started.');
    await launchStep(context, task, 'start', context.limits.startMs, (signal) =>
      context.backend.start(task.taskId, signal),
    );
  } finally {
    leave();
  }
}

async function makeContainer(context: RunnerContext, task: Task): Promise<LiveContainer> {
  const { spec } = task.record;
  await task.say('launched', 'Image and facilities are being prepared.');
  const [image, contributions] = await pullAndPrepare(context, task);
  const plan = planContainer(
    spec,
    image,
    contributions.map(({ contribution }) => contribution),
    context.planDefaults,
  );
  const { stopSignal, args } = plan;
  await task.prepared({ contributions, stopSignal, args });
  task.done?.push('create');
  return launchStep(context, task, 'create', context.limits.createMs, (signal) =>
    context.backend.create(plan, signal),
  );
}

async function pullAndPrepare(
  context: RunnerContext,
  task: Task,
): Promise<readonly [Image, readonly Named[]]> {
  const { backend, limits } = context;
  const both = new ChildAbort(task.launchSignal);
  let failure: { readonly error: unknown } | undefined;
  const orAbort = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      failure ??= { error };
      both.abort(error);
      throw error;
    }
  };
  const pull = launchStep(
    context,
    task,
    'pull',
    limits.pullMs,
    (signal) => backend.pull(task.record.spec.image, signal),
    both.signal,
  );
  const [image, contributions] = await Promise.allSettled([
    orAbort(pull),
    orAbort(prepareAll(context, task, both.signal)),
  ]);
  both.dispose();
  if (image.status === 'fulfilled' && contributions.status === 'fulfilled')
    return [image.value, contributions.value];
  throw failure!.error;
}

async function prepareAll(
  context: RunnerContext,
  task: Task,
  signal: AbortSignal,
): Promise<readonly Named[]> {
  const contributions: Named[] = [];
  for (const facility of context.facilities) {
    const name = `prepare:${facility.name}`;
    task.done?.push(name);
    const prepare = (own: AbortSignal): Promise<Contribution | undefined> =>
      facility.prepare(task.record.spec, own);
    const contribution = await launchStep(context, task, name, context.limits.prepareMs, prepare, signal);
    if (contribution !== undefined) contributions.push({ facility: facility.name, contribution });
  }
  return contributions;
}

function launchStep<T>(
  context: RunnerContext,
  task: Task,
  name: string,
  limitMs: number,
  action: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal = task.launchSignal,
): Promise<T> {
  return observedStep(context, task.taskId, {
    name,
    limitMs,
    abortMs: context.limits.abortMs,
    signal,
    action,
    onStraggler: (call) => task.addStraggler(call),
  });
}
