/** The hook before the stop signal: what it is, and that nothing that becomes of it holds up a kill. */
import { demandEqual } from './demand.ts';
import { delay } from './kill-cases.ts';
import type { CaseContext, Promised } from './runtime-case.ts';

/** Where hooks of the cases leave word for the process; any user can write there. */
export const HOOK_FILE = '/dev/shm/hook';

const needs = { 'pre-stop': 'enforced' } as const;
/** A hook that nothing ends but what a case is about. */
const ENDLESS = { command: ['/bin/sh', '-c', 'trap "" TERM; sleep 987'], timeoutMs: 600_000 };
const LOOP = 'echo ready; while :; do sleep 0.05; done';
/** Tells how many processes of the hook are left, at once when there are none, else after some seconds. */
const LOOK = `for i in 1 2 3 4 5 6 7 8 9; do ps | grep -q "[s]leep 987" || break; sleep 0.5; done
  ps | grep -c "[s]leep 987"`;
/** User, folder, variables, limits, walls and namespaces of the process that runs it, as text. */
const IDENTITY = `id; pwd; env | sort; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj /proc/self/cgroup
  ls -l /proc/self/ns | sed "s/.* //"; grep -E "^(Groups|Cap|NoNewPrivs|Seccomp:)" /proc/self/status`;

export const PRE_STOP_CASES: readonly Promised[] = [
  {
    name: 'the hook runs before the stop signal, within the walls of the process and as its like',
    needs,
    async check(context) {
      const { output, shell } = context;
      const task = shell(`trap "cat ${HOOK_FILE}; exit 3" TERM; ${IDENTITY}; ${LOOP}`, {
        user: 'app',
        workingDirectory: '/home/app',
        environment: { MINE: 'a b' },
        preStop: { command: ['/bin/sh', '-c', `sleep 0.3; { ${IDENTITY}; } > ${HOOK_FILE}`] },
      });
      await killWhenReady(context, task);
      await demandEnd(context, task.taskId, 3);
      const [process, hook] = (await output(task.taskId)).split('ready\n');
      demandEqual(hook?.split('\n'), process?.split('\n'), 'what the hook is');
    },
  },
  {
    name: 'a hook that hangs is ended after its limit, and the stop signal follows',
    needs,
    async check(context) {
      const task = context.shell(`trap '${LOOK}; exit 3' TERM; ${LOOP}`, {
        preStop: { ...ENDLESS, timeoutMs: 500 },
      });
      await killWhenReady(context, task);
      await demandEnd(context, task.taskId, 3);
      demandEqual(
        await context.output(task.taskId),
        'ready\n0\n',
        'the output, with what is left of the hook',
      );
    },
  },
  {
    name: 'a hook that fails or is no program does not hold up the kill',
    needs,
    async check(context) {
      const commands = [['/bin/false'], ['/no/such/program'], ['/etc'], ['--help']];
      const tasks = commands.map((command) =>
        context.shell(`trap "exit 3" TERM; ${LOOP}`, { preStop: { command } }),
      );
      await Promise.all(tasks.map((task) => killWhenReady(context, task)));
      for (const { taskId } of tasks) await demandEnd(context, taskId, 3);
    },
  },
  {
    name: 'a kill without grace skips the hook',
    needs,
    async check(context) {
      const task = context.shell(`trap "exit 3" TERM; ${LOOP}`, { preStop: ENDLESS });
      await killWhenReady(context, task, 0);
      await demandEnd(context, task.taskId, 137);
    },
  },
  {
    name: 'a second kill with less grace ends the hook',
    needs,
    async check(context) {
      const tasks = [3, 137].map((exitCode) => ({
        exitCode,
        task: context.shell(`trap "exit 3" TERM; ${LOOP}`, { preStop: ENDLESS }),
      }));
      for (const { exitCode, task } of tasks) {
        await killWhenReady(context, task);
        await context.recorder.waitFor(task.taskId, 'kill-initiated');
        await delay(200);
        await context.runtime.kill(task.taskId, { graceMs: exitCode === 3 ? 9_000 : 0 });
        await demandEnd(context, task.taskId, exitCode);
      }
    },
  },
  {
    name: 'the end of the process ends its hook',
    needs,
    async check(context) {
      const command = ['/bin/sh', '-c', 'kill -TERM 1; sleep 987'];
      const task = context.shell(`trap "exit 3" TERM; ${LOOP}`, { preStop: { ...ENDLESS, command } });
      await killWhenReady(context, task);
      await demandEnd(context, task.taskId, 3);
    },
  },
];

async function killWhenReady(
  { runtime, recorder, output }: CaseContext,
  task: ReturnType<CaseContext['shell']>,
  graceMs?: number,
): Promise<void> {
  await runtime.launch(task);
  await recorder.waitFor(task.taskId, 'started');
  while (!(await output(task.taskId)).includes('ready')) await delay(50);
  await runtime.kill(task.taskId, graceMs === undefined ? {} : { graceMs });
}

async function demandEnd({ recorder }: CaseContext, taskId: string, exitCode: number): Promise<void> {
  const end = await recorder.waitFor(taskId, 'finished');
  demandEqual([end.reason, end.exitCode], ['killed', exitCode], 'the end');
}
