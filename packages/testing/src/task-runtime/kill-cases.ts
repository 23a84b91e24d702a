/** Ends on request, in every stage. */
import { demand, demandCode, demandEqual } from './demand.ts';
import type { Promised } from './runtime-case.ts';

export const KILL_CASES: readonly Promised[] = [
  {
    name: 'a kill asks first: the process may end in its own way within the grace',
    async check({ runtime, shell, recorder, output }) {
      const task = shell('trap "echo farewell; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
      await runtime.launch(task);
      await recorder.waitFor(task.taskId, 'started');
      while (!(await output(task.taskId)).includes('ready')) await delay(50);
      await runtime.kill(task.taskId);
      const end = await recorder.waitFor(task.taskId, 'finished');
      demandEqual([end.reason, end.exitCode], ['killed', 3], 'the end');
      demand((await output(task.taskId)).includes('farewell'), 'the process should have had its say');
    },
  },
  {
    name: 'a process that does not listen is ended after the grace',
    async check({ runtime, shell, recorder, output }) {
      const task = shell('trap "" TERM; echo ready; while :; do sleep 0.05; done', { graceMs: 300 });
      await runtime.launch(task);
      await recorder.waitFor(task.taskId, 'started');
      while (!(await output(task.taskId)).includes('ready')) await delay(50);
      await runtime.kill(task.taskId);
      const end = await recorder.waitFor(task.taskId, 'finished');
      demandEqual([end.reason, end.exitCode], ['killed', 137], 'the end');
      demandEqual(
        recorder.states(task.taskId).slice(-3),
        ['started', 'kill-initiated', 'finished'],
        'the states',
      );
    },
  },
  {
    name: 'a second kill shortens the grace',
    async check({ runtime, shell, recorder, output }) {
      const task = shell('trap "" TERM; echo ready; while :; do sleep 0.05; done', { graceMs: 3_600_000 });
      await runtime.launch(task);
      await recorder.waitFor(task.taskId, 'started');
      while (!(await output(task.taskId)).includes('ready')) await delay(50);
      await runtime.kill(task.taskId);
      await recorder.waitFor(task.taskId, 'kill-initiated');
      await runtime.kill(task.taskId, { graceMs: 0 });
      demandEqual((await recorder.waitFor(task.taskId, 'finished')).exitCode, 137, 'the exit code');
    },
  },
  {
    name: 'the signal of the graceful stop is that of the spec',
    async check({ runtime, shell, recorder, output }) {
      const task = shell('trap "exit 5" USR1; trap "" TERM; echo ready; while :; do sleep 0.05; done', {
        stopSignal: 'SIGUSR1',
      });
      await runtime.launch(task);
      await recorder.waitFor(task.taskId, 'started');
      while (!(await output(task.taskId)).includes('ready')) await delay(50);
      await runtime.kill(task.taskId);
      demandEqual((await recorder.waitFor(task.taskId, 'finished')).exitCode, 5, 'the exit code');
    },
  },
  {
    name: 'a kill right after the launch ends a task that never starts, or hardly',
    async check({ runtime, shell, recorder }) {
      const tasks = Array.from({ length: 6 }, () => shell('sleep 100', { graceMs: 0 }));
      await Promise.all(
        tasks.map(async ({ taskId, ...spec }, index) => {
          await runtime.launch({ ...spec, taskId });
          await delay(index * 40);
          await runtime.kill(taskId);
          const end = await recorder.waitFor(taskId, 'finished');
          demandEqual(end.reason, 'killed', `the reason of a kill after ${index * 40} ms`);
        }),
      );
    },
  },
  {
    name: 'a kill of a finished task changes nothing, of an unknown one is refused',
    async check({ runtime, run, shell, recorder }) {
      const task = shell('exit 0');
      await run(task);
      const before = recorder.states(task.taskId);
      await runtime.kill(task.taskId);
      await delay(100);
      demandEqual(recorder.states(task.taskId), before, 'the states');
      await demandCode(runtime.kill('never-heard-of'), 'UNKNOWN_TASK');
    },
  },
];

export function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs));
}
