/** What the user's process sees: variables, user, limits, walls. */
import { demand, demandCode, demandEqual } from './demand.ts';
import type { Promised } from './runtime-case.ts';

export const CONTAINER_CASES: readonly Promised[] = [
  {
    name: 'variables come from image, user and agent, the later winning',
    async check({ run, shell, output }) {
      const task = shell('env', {
        environment: { MINE: 'a b=c\n"d"', FROM_IMAGE: 'overridden' },
        jobId: 'job-1',
      });
      await run(task);
      const seen = await output(task.taskId);
      for (const line of ['MINE=a b=c\n"d"', 'FROM_IMAGE=overridden', `STOWAGE_TASK_ID=${task.taskId}`]) {
        demand(seen.includes(`${line}\n`), `the variables should have ${line}, and are ${seen}`);
      }
    },
  },
  {
    name: 'entrypoint, command, folder and user are those of the spec',
    async check({ run, shell, output }) {
      const { taskId, ...spec } = shell('');
      await run({
        ...spec,
        taskId,
        entrypoint: ['/bin/sh', '-c', 'echo "$0 $1; $(pwd); $(id -u):$(id -g)"'],
        command: ['first', 'sec ond'],
        workingDirectory: '/home/app',
        user: 'app',
      });
      demandEqual(await output(taskId), 'first sec ond; /home/app; 1000:1000\n', 'the output');
    },
  },
  {
    name: 'a user or program that the image does not have is an invalid request',
    async check({ run, shell, recorder }) {
      const task = shell('exit 0', { user: 'nobody-here' });
      await run(task);
      demandEqual(recorder.of(task.taskId).at(-1)?.reason, 'invalid-request', 'the reason');
    },
  },
  {
    name: 'two tasks from one image do not see what the other has written',
    async check({ run, shell, recorder }) {
      const [first, second] = [shell('echo x > /written'), shell('test ! -e /written')];
      await run(first);
      await run(second);
      const codes = [first, second].map(({ taskId }) => recorder.of(taskId).at(-1)?.exitCode);
      demandEqual(codes, [0, 0], 'the exit codes');
    },
  },
  {
    name: 'user 0 inside is not user 0 outside',
    needs: { 'user-namespace': 'enforced' },
    async check({ run, shell, output }) {
      const task = shell('id -u; cat /proc/self/uid_map');
      await run(task);
      const [inside, map = ''] = (await output(task.taskId)).split('\n');
      const [first, outside] = map.trim().split(/\s+/).map(Number);
      demandEqual([inside, first], ['0', 0], 'the user inside');
      demand(outside !== undefined && outside > 0, `the user outside is ${outside}`);
    },
  },
  {
    name: 'a read-only root cannot be written to, /tmp can',
    needs: { 'read-only-root': 'enforced' },
    async check({ run, shell, recorder }) {
      const task = shell('touch /etc/x 2>/dev/null && exit 1; touch /tmp/x || exit 2', {
        security: { readOnlyRoot: true },
      });
      await run(task);
      demandEqual(recorder.of(task.taskId).at(-1)?.exitCode, 0, 'the exit code');
    },
  },
  {
    name: 'capabilities are a short list, and may be dropped altogether',
    needs: { capabilities: 'enforced' },
    async check({ run, shell, output }) {
      const [usual, none] = [
        shell('grep -E "CapEff|CapBnd" /proc/self/status'),
        shell('grep -E "CapEff|CapBnd" /proc/self/status', { security: { dropCapabilities: ['ALL'] } }),
      ];
      const masks = async (taskId: string): Promise<bigint[]> =>
        [...(await output(taskId)).matchAll(/:\s*([0-9a-f]+)/g)].map(([, hex]) => BigInt(`0x${hex}`));
      await run(usual);
      await run(none);
      const sysAdmin = 1n << 21n;
      const found = await masks(usual.taskId);
      demand(
        found.length === 2 && found.every((mask) => mask > 0n && (mask & sysAdmin) === 0n),
        `some capabilities should be there and CAP_SYS_ADMIN should not: ${found.join(', ')}`,
      );
      const left = await masks(none.taskId);
      demand(left.length === 2 && left.every((mask) => mask === 0n), `of ALL are left ${left.join(', ')}`);
    },
  },
  {
    name: 'set-user-id programs give no privileges, and system calls are filtered',
    needs: { 'no-new-privileges': 'enforced', seccomp: 'enforced' },
    async check({ run, shell, output }) {
      const task = shell('grep -E "NoNewPrivs|Seccomp:" /proc/self/status | tr -s "\\t " " "');
      await run(task);
      demandEqual(await output(task.taskId), 'NoNewPrivs: 1\nSeccomp: 2\n', 'the status of the process');
    },
  },
  {
    name: 'no more processes than the limit',
    needs: { 'pids-limit': 'enforced' },
    async check({ run, shell, output }) {
      const script = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done 2>&1; echo end';
      const task = shell(script, { resources: { cpuMilli: 100, memoryMiB: 64, pids: 6 }, graceMs: 0 });
      await run(task);
      const said = await output(task.taskId);
      demand(said.includes("can't fork"), `forks should fail, and the output is ${said}`);
    },
  },
  {
    name: 'limits of setrlimit hold',
    needs: { 'resource-limits': 'enforced' },
    async check({ run, shell, output }) {
      const task = shell('ulimit -Sn; ulimit -Hn', { limits: [{ name: 'nofile', soft: 100, hard: 200 }] });
      await run(task);
      demandEqual(await output(task.taskId), '100\n200\n', 'the limits');
    },
  },
  {
    name: 'the root file system has the size that was asked for',
    needs: { 'disk-limit': 'enforced' },
    async check({ run, shell, recorder }) {
      const script = 'dd if=/dev/zero of=/big bs=1M count=64 2>/dev/null && exit 1; exit 0';
      const task = shell(script, { resources: { cpuMilli: 100, memoryMiB: 64, diskMiB: 32 } });
      await run(task);
      demandEqual(recorder.of(task.taskId).at(-1)?.exitCode, 0, 'the exit code');
    },
  },
  {
    name: 'what the agent cannot enforce is refused, and nothing is said of the task',
    async check({ runtime, shell, recorder }) {
      const missing = Object.entries(runtime.features()).find(([, { level }]) => level === 'unavailable');
      if (missing === undefined) return 'The agent enforces everything.';
      const task = shell('exit 0', { requires: [missing[0]] });
      await demandCode(runtime.launch(task), 'FEATURE_UNAVAILABLE');
      demandEqual(recorder.states(task.taskId), [], 'the states');
    },
  },
  {
    name: 'a task in the network has an address of its own, and its interface is the only one',
    needs: { 'address-per-container': 'enforced' },
    async check({ fixture, runtime, run, shell, recorder, output }) {
      if (fixture.securityGroups === undefined) return 'The fixture has no security groups.';
      const network = { mode: 'vpc', securityGroups: fixture.securityGroups } as const;
      const tasks = [
        shell('sleep 100', { network }),
        shell('ip -4 -o address; ls /sys/class/net', { network }),
      ];
      const [first, second] = [tasks[0], tasks[1]];
      await runtime.launch(first);
      await recorder.waitFor(first.taskId, 'started');
      await run(second);
      const addressOf = (taskId: string): string | undefined =>
        recorder.of(taskId).find(({ state }) => state === 'start-initiated')?.address;
      const [one, two] = [addressOf(first.taskId), addressOf(second.taskId)];
      demand(one !== undefined && two !== undefined && one !== two, `the addresses are ${one} and ${two}`);
      const seen = await output(second.taskId);
      demand(seen.includes(` ${two}/`) && /^eth0$/m.test(seen), `the container sees ${seen}`);
      await runtime.kill(first.taskId, { graceMs: 0 });
      await recorder.waitFor(first.taskId, 'finished');
    },
  },
];
