/** The agent goes and comes back; containers stay. */
import { demandCode, demandEqual } from './demand.ts';
import { delay } from './kill-cases.ts';
import { HOOK_FILE } from './pre-stop-cases.ts';
import type { CaseContext, Promised } from './runtime-case.ts';

const WHOLE_LIFE = ['accepted', 'launched', 'start-initiated', 'started', 'finished'];

export const RESTART_CASES: readonly Promised[] = (['close', 'crash'] as const).flatMap((how) => [
  {
    name: `a running task is taken over after a ${how} and goes on`,
    async check(context: CaseContext) {
      const task = context.shell(
        'i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.05; done; exit 4',
      );
      await context.runtime.launch(task);
      await context.recorder.waitFor(task.taskId, 'started');
      await context.restart(how);
      const end = await context.recorder.waitFor(task.taskId, 'finished');
      demandEqual([end.reason, end.exitCode], ['failed', 4], 'the end');
      demandEqual(context.recorder.states(task.taskId), WHOLE_LIFE, 'the states');
      const lines = (await context.output(task.taskId)).trim().split('\n');
      demandEqual(
        lines,
        Array.from({ length: 40 }, (_, i) => String(i)),
        'the output',
      );
    },
  },
  {
    name: `a task that ends while the agent is away after a ${how} is told with its exit code`,
    async check(context: CaseContext) {
      const task = context.shell('sleep 0.3; exit 9');
      await context.runtime.launch(task);
      await context.recorder.waitFor(task.taskId, 'started');
      await context.restart(how);
      await delay(500);
      const end = await context.recorder.waitFor(task.taskId, 'finished');
      demandEqual([end.reason, end.exitCode], ['failed', 9], 'the end');
    },
  },
  {
    name: `a task that was taken over after a ${how} can be killed`,
    async check(context: CaseContext) {
      const task = context.shell('sleep 100', { graceMs: 0 });
      await context.runtime.launch(task);
      await context.recorder.waitFor(task.taskId, 'started');
      await context.restart(how);
      await context.runtime.kill(task.taskId);
      demandEqual((await context.recorder.waitFor(task.taskId, 'finished')).reason, 'killed', 'the reason');
    },
  },
  {
    name: `a hook before the stop signal is not begun again after a ${how}`,
    needs: { 'pre-stop': 'enforced' } as const,
    async check(context: CaseContext) {
      const script = `trap "cat ${HOOK_FILE}; exit 3" TERM
        until [ -e ${HOOK_FILE} ]; do sleep 0.05; done; echo begun; while :; do sleep 0.05; done`;
      const command = ['/bin/sh', '-c', `echo once >> ${HOOK_FILE}; sleep 1000`];
      const task = context.shell(script, { preStop: { command, timeoutMs: 600_000 } });
      await context.runtime.launch(task);
      await context.recorder.waitFor(task.taskId, 'started');
      await context.runtime.kill(task.taskId);
      while (!(await context.output(task.taskId)).includes('begun')) await delay(50);
      await context.restart(how);
      const end = await context.recorder.waitFor(task.taskId, 'finished');
      demandEqual([end.reason, end.exitCode], ['killed', 3], 'the end');
      demandEqual(await context.output(task.taskId), 'begun\nonce\n', 'the output');
    },
  },
  {
    name: `a ${how} in the middle of launches loses none`,
    async check(context: CaseContext) {
      const tasks = Array.from({ length: 4 }, (_, code) => context.shell(`exit ${code}`));
      await Promise.all(tasks.map((task) => context.runtime.launch(task)));
      await context.restart(how);
      const ends = await Promise.all(tasks.map(({ taskId }) => context.recorder.waitFor(taskId, 'finished')));
      demandEqual(
        ends.map(({ exitCode }) => exitCode),
        [0, 1, 2, 3],
        'the exit codes',
      );
    },
  },
]);

export const DOOR_CASES: readonly Promised[] = [
  {
    name: 'an equal spec again changes nothing, another one under the same id is refused',
    async check({ runtime, run, shell, recorder }) {
      const task = shell('exit 0');
      await run(task);
      await runtime.launch(structuredClone(task));
      await demandCode(runtime.launch({ ...task, command: ['true'] }), 'TASK_EXISTS');
      demandEqual(recorder.states(task.taskId), WHOLE_LIFE, 'the states');
    },
  },
  {
    name: 'a spec that is wrong is refused, and nothing is said of the task',
    async check({ runtime, shell, recorder }) {
      const task = shell('exit 0');
      const wrong = { ...task, resources: { cpuMilli: -1, memoryMiB: 64 } };
      await demandCode(runtime.launch(wrong), 'INVALID_TASK_SPEC');
      demandEqual(recorder.states(task.taskId), [], 'the states');
      demandEqual(
        runtime.tasks().some(({ spec }) => spec.taskId === task.taskId),
        false,
        'it being known',
      );
    },
  },
  {
    name: 'a second reader sees the same statuses from the sequence that it names',
    async check({ runtime, run, shell, recorder }) {
      const task = shell('exit 0');
      await run(task);
      const all = recorder.of(task.taskId);
      const seen = [];
      for await (const status of runtime.statuses({ after: all[1].sequence })) {
        seen.push(status);
        if (status.taskId === task.taskId && status.state === 'finished') break;
      }
      demandEqual(
        seen.filter(({ taskId }) => taskId === task.taskId),
        all.slice(2),
        'the statuses',
      );
    },
  },
];
