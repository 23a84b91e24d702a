/** 50 containers at once with addresses, limits and credentials of their own; half are killed; nothing stays behind. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { BACKENDS, openTestAgent, shellTask, StatusReader } from './support/test-agent.ts';

describe.each(BACKENDS)('%s', (backend) => {
  test('50 in parallel, half of them killed, none leaked', { timeout: 600_000 }, async () => {
    const { agent, hostObjects, close } = await openTestAgent(backend);
    onTestFinished(close);
    const before = await hostObjects();
    const statuses = new StatusReader(agent);
    const tasks = Array.from({ length: 50 }, (_, index) =>
      shellTask(
        `many-${index}`,
        'trap "exit 0" TERM; i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done',
        {
          network: { mode: 'vpc', securityGroups: [index % 2 === 0 ? 'blue' : 'green'] },
          resources: { cpuMilli: 100, memoryMiB: 32, networkMbps: 50, pids: 20 },
        },
      ),
    );
    await Promise.all(tasks.map((task) => agent.launch(task)));
    const started = await Promise.all(tasks.map(({ taskId }) => statuses.waitFor(taskId, 'started')));
    expect(new Set(started.map(({ address }) => address)).size).toBe(50);

    const [killed, left] = [tasks.slice(0, 25), tasks.slice(25)];
    await Promise.all(killed.map(({ taskId }) => agent.kill(taskId)));
    await Promise.all(killed.map(({ taskId }) => statuses.waitFor(taskId, 'finished')));
    for (const { taskId } of left) expect(statuses.of(taskId).at(-1)?.state).toBe('started');
    // Journals and logs stay until a task is forgotten.
    const during = (await hostObjects()).filter((object) => !object.startsWith('file ')).join('\n');
    for (const { taskId } of killed) expect(during).not.toMatch(new RegExp(`${taskId}\\b`));

    await Promise.all(left.map(({ taskId }) => agent.kill(taskId, { graceMs: 0 })));
    const ends = await Promise.all(tasks.map(({ taskId }) => statuses.waitFor(taskId, 'finished')));
    expect(ends.every(({ reason }) => reason === 'killed')).toBe(true);
    for (const { taskId } of tasks) await agent.forget(taskId);
    expect(await hostObjects()).toEqual(before);
  });
});
