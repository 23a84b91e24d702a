/** What tasks write. */
import type { LogChunk, LogQuery } from '@stowage/protocol';
import { demand, demandCode, demandEqual } from './demand.ts';
import { delay } from './kill-cases.ts';
import type { CaseContext, Promised } from './runtime-case.ts';

export const LOG_CASES: readonly Promised[] = [
  {
    name: 'both streams are kept, each in its order, also after the end',
    async check(context) {
      const task = context.shell('for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf end');
      await context.run(task);
      const text = (stream: 'stdout' | 'stderr'): Promise<string> => textOf(context, task.taskId, { stream });
      demandEqual(await text('stdout'), 'out 1\nout 2\nout 3\nend', 'standard output');
      demandEqual(await text('stderr'), 'err 1\nerr 2\nerr 3\n', 'standard error');
      demandEqual(
        await textOf(context, task.taskId, { stream: 'stdout', tailLines: 2 }),
        'out 3\nend',
        'the last two lines',
      );
    },
  },
  {
    name: 'a reader that follows from the launch on sees all that is written and ends with the task',
    async check(context) {
      const task = context.shell('for i in 1 2 3 4 5; do echo $i; sleep 0.1; done');
      await context.runtime.launch(task);
      demandEqual(await textOf(context, task.taskId, { follow: true }), '1\n2\n3\n4\n5\n', 'the output');
      await context.recorder.waitFor(task.taskId, 'finished');
    },
  },
  {
    name: 'files are rotated by size: the newest is kept, the whole is bounded',
    needs: { 'log-rotation': 'enforced' },
    async check(context) {
      // In bursts: whoever rotates looks from time to time.
      const line = 'echo "line $i of what is written"; i=$((i+1)); n=$((n+1))';
      const burst = `n=0; while [ $n -lt 1000 ]; do ${line}; done`;
      const script = `i=0; while [ $i -lt 20000 ]; do ${burst}; sleep 0.2; done; sleep 1`;
      const logs = { maxFileBytes: 65_536, maxFiles: 2 };
      const task = context.shell(script, { logs });
      await context.run(task);
      const kept = await textOf(context, task.taskId, {});
      demand(kept.endsWith('line 19999 of what is written\n'), 'the newest line is kept');
      const numbers = [...kept.matchAll(/^line (\d+) of what is written$/gm)].map(([, number]) =>
        Number(number),
      );
      const first = numbers[0];
      demand(first > 0, 'the oldest lines have gone');
      demandEqual(
        numbers,
        Array.from({ length: 20_000 - first }, (_, i) => first + i),
        'the lines that are kept',
      );
    },
  },
  {
    name: 'logs go when the task is forgotten, and not before it has finished',
    async check({ runtime, shell, recorder, output }) {
      const task = shell('echo here; sleep 100', { graceMs: 0 });
      await runtime.launch(task);
      await recorder.waitFor(task.taskId, 'started');
      await demandCode(runtime.forget(task.taskId), 'TASK_NOT_FINISHED');
      while ((await output(task.taskId)) === '') await delay(50);
      await runtime.kill(task.taskId);
      await recorder.waitFor(task.taskId, 'finished');
      demandEqual(await output(task.taskId), 'here\n', 'the output');
      await runtime.forget(task.taskId);
      await demandCode(output(task.taskId), 'UNKNOWN_TASK');
      await demandCode(runtime.forget(task.taskId), 'UNKNOWN_TASK');
    },
  },
];

async function textOf({ runtime }: CaseContext, taskId: string, query: LogQuery): Promise<string> {
  const chunks: LogChunk[] = [];
  for await (const chunk of runtime.logs(taskId, query)) chunks.push(chunk);
  return chunks.map(({ text }) => text).join('');
}
