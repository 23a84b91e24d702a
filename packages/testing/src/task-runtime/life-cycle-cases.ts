/** From launch to the end by itself. */
import { demand, demandEqual } from './demand.ts';
import type { Promised } from './runtime-case.ts';

const WHOLE_LIFE = ['accepted', 'launched', 'start-initiated', 'started', 'finished'];

export const LIFE_CYCLE_CASES: readonly Promised[] = [
  {
    name: 'a task that ends with 0 has finished normally',
    async check({ run, shell, recorder }) {
      const task = shell('exit 0');
      await run(task);
      demandEqual(recorder.states(task.taskId), WHOLE_LIFE, 'the states');
      const end = recorder.of(task.taskId).at(-1);
      demandEqual([end?.reason, end?.exitCode], ['normal', 0], 'the end');
    },
  },
  {
    name: 'a task that ends with another code has failed with it',
    async check({ run, shell, recorder }) {
      const task = shell('exit 7');
      await run(task);
      demandEqual(recorder.states(task.taskId), WHOLE_LIFE, 'the states');
      const end = recorder.of(task.taskId).at(-1);
      demandEqual([end?.reason, end?.exitCode], ['failed', 7], 'the end');
    },
  },
  {
    name: 'an image that does not exist makes an invalid request',
    async check({ run, shell, recorder, fixture }) {
      const task = { ...shell('exit 0'), image: fixture.missingImage };
      await run(task);
      demand(!recorder.states(task.taskId).includes('started'), 'it must not start');
      demandEqual(recorder.of(task.taskId).at(-1)?.reason, 'invalid-request', 'the reason');
    },
  },
  {
    name: 'a program that does not exist makes an invalid request, and the message names it',
    async check({ run, shell, recorder }) {
      const task = { ...shell(''), command: ['/bin/no-such-program', 'argument'] };
      await run(task);
      const end = recorder.of(task.taskId).at(-1);
      demandEqual(end?.reason, 'invalid-request', 'the reason');
      demand(end?.message.includes('no-such-program') ?? false, `the message is: ${end?.message}`);
    },
  },
  {
    name: 'a code of 127 that the user gives is a failure like any other',
    async check({ run, shell, recorder }) {
      const task = shell('sleep 0.2; exit 127');
      await run(task);
      const end = recorder.of(task.taskId).at(-1);
      demandEqual([end?.reason, end?.exitCode], ['failed', 127], 'the end');
    },
  },
  {
    name: 'ten tasks at once end each with their own code',
    async check({ run, shell, recorder }) {
      const tasks = Array.from({ length: 10 }, (_, code) => shell(`sleep 0.1; exit ${code}`));
      await Promise.all(tasks.map((task) => run(task)));
      const codes = tasks.map(({ taskId }) => recorder.of(taskId).at(-1)?.exitCode);
      demandEqual(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'the exit codes');
    },
  },
  {
    name: 'a container over its memory is ended for that reason, and its neighbour is not',
    needs: { 'memory-limit': 'enforced', 'out-of-memory-report': 'enforced' },
    async check({ runtime, run, shell, recorder }) {
      const neighbour = shell('sleep 100');
      await runtime.launch(neighbour);
      await recorder.waitFor(neighbour.taskId, 'started');
      const glutton = shell('dd if=/dev/zero of=/dev/null bs=200M count=1', {
        resources: { cpuMilli: 100, memoryMiB: 32 },
      });
      await run(glutton);
      demandEqual(recorder.of(glutton.taskId).at(-1)?.reason, 'out-of-memory', 'the reason');
      demandEqual(recorder.states(neighbour.taskId).at(-1), 'started', "the neighbour's state");
      await runtime.kill(neighbour.taskId, { graceMs: 0 });
      await recorder.waitFor(neighbour.taskId, 'finished');
    },
  },
  {
    name: 'a child that was ended for lack of memory is told even when the task ends with 0',
    needs: { 'memory-limit': 'enforced', 'out-of-memory-report': 'enforced' },
    async check({ run, shell, recorder }) {
      const task = shell('dd if=/dev/zero of=/dev/null bs=200M count=1 & wait $!; sleep 0.2; exit 0', {
        resources: { cpuMilli: 100, memoryMiB: 32 },
      });
      await run(task);
      demandEqual(recorder.of(task.taskId).at(-1)?.reason, 'out-of-memory', 'the reason');
    },
  },
];
