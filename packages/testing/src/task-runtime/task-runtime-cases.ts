/**
 * The conformance suite of agents: what `TaskRuntime` promises, tried on a real one. Each case runs tasks of its own on
 * one agent, restarts it where the case is about that, and ends with a host that holds no more than before.
 *
 * Leaks are looked for after every case, so that the case that leaks is the one that fails.
 */
import type { FeatureLevel } from '@stowage/protocol';
import { CONTAINER_CASES } from './container-cases.ts';
import { demandEqual } from './demand.ts';
import { KILL_CASES } from './kill-cases.ts';
import { LIFE_CYCLE_CASES } from './life-cycle-cases.ts';
import { LOG_CASES } from './log-cases.ts';
import { PRE_STOP_CASES } from './pre-stop-cases.ts';
import { DOOR_CASES, RESTART_CASES } from './restart-cases.ts';
import type { CaseContext, Promised, TaskRuntimeCase, TaskRuntimeFixture } from './runtime-case.ts';
import { StatusRecorder } from './status-recorder.ts';

const CASES = [
  ...LIFE_CYCLE_CASES,
  ...KILL_CASES,
  ...PRE_STOP_CASES,
  ...CONTAINER_CASES,
  ...LOG_CASES,
  ...RESTART_CASES,
  ...DOOR_CASES,
];

/**
 * The cases, to be run one after the other.
 *
 * @example
 * ```ts
 * for (const { name, run } of taskRuntimeCases(fixture)) {
 *   test(name, async (context) => {
 *     const why = await run();
 *     if (why !== undefined) context.skip(why);
 *   });
 * }
 * ```
 * @public
 */
export function taskRuntimeCases(fixture: TaskRuntimeFixture): readonly TaskRuntimeCase[] {
  let tasks = 0;
  const newTaskId = (): string => `case-${(tasks += 1)}`;
  return CASES.map((promised) => ({
    name: promised.name,
    run: () => runCase(promised, fixture, newTaskId),
  }));
}

async function runCase(
  promised: Promised,
  fixture: TaskRuntimeFixture,
  newTaskId: () => string,
): Promise<string | undefined> {
  const recorder = new StatusRecorder();
  const before = await fixture.hostObjects();
  const context = await openContext(fixture, recorder, newTaskId);
  try {
    const missing = missingFeature(promised, context);
    if (missing !== undefined) return missing;
    const why = await promised.check(context);
    if (why !== undefined) return why;
    await forgetAll(context);
  } finally {
    await recorder.stop();
    await context.runtime.close();
  }
  const known = new Set(before);
  const left = (await fixture.hostObjects()).filter((object) => !known.has(object));
  demandEqual(left, [], 'what the case has left on the host');
  return undefined;
}

async function openContext(
  fixture: TaskRuntimeFixture,
  recorder: StatusRecorder,
  newTaskId: () => string,
): Promise<CaseContext> {
  const context: CaseContext = {
    fixture,
    runtime: await fixture.open(),
    recorder,
    shell: (script, more) => ({
      taskId: newTaskId(),
      image: fixture.image,
      command: ['/bin/sh', '-c', script],
      resources: { cpuMilli: 100, memoryMiB: 64 },
      ...more,
    }),
    run: async (spec) => {
      await context.runtime.launch(spec);
      await recorder.waitFor(spec.taskId, 'finished');
    },
    output: async (taskId) => {
      let text = '';
      for await (const chunk of context.runtime.logs(taskId, { stream: 'stdout' })) text += chunk.text;
      return text;
    },
    restart: async (how) => {
      await recorder.stop();
      await (how === 'crash' && fixture.crash !== undefined
        ? fixture.crash(context.runtime)
        : context.runtime.close());
      context.runtime = await fixture.open();
      recorder.start(context.runtime);
    },
  };
  recorder.start(context.runtime);
  return context;
}

function missingFeature({ needs = {} }: Promised, { runtime }: CaseContext): string | undefined {
  const report = runtime.features();
  const rank: Record<FeatureLevel, number> = { unavailable: 0, emulated: 1, enforced: 2 };
  for (const [feature, needed] of Object.entries(needs) as [keyof typeof report, FeatureLevel][]) {
    const { level, detail } = report[feature];
    if (rank[level] < rank[needed]) return `${feature} is ${level}: ${detail}`;
  }
  return undefined;
}

async function forgetAll({ runtime }: CaseContext): Promise<void> {
  for (const { spec, state } of runtime.tasks()) {
    if (state === 'finished') await runtime.forget(spec.taskId);
  }
}
