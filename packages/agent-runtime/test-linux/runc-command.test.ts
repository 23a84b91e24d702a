/** Commands beside the first process, by `runc exec`: their ends, their output, and that none outlives its abort or container. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { LiveContainer } from '../src/contract/container-backend.ts';
import { commandsWith } from './container-commands.ts';
import { never, RuncHarness } from './runc-harness.ts';

let h: RuncHarness;

beforeAll(async () => {
  h = await RuncHarness.begin('command', inject('linux'));
});

afterEach(async () => h.removeAll());

afterAll(async () => h.end());

const launch = (id: string): Promise<LiveContainer> => h.launch(h.spec(id, 'while :; do sleep 0.05; done'));

/** Until the container runs a command with this text. */
async function untilSeen(live: LiveContainer, text: string): Promise<void> {
  while ((await commandsWith(text, live)).length === 0) await sleep(10);
}

test.each([
  [['sh', '-c', 'echo out; echo err >&2; exit 0'], { exitCode: 0, output: 'out\nerr' }],
  [['sh', '-c', 'exit 255'], { exitCode: 255, output: '' }],
  [['sh', '-c', 'kill -9 $$'], { exitCode: 137, output: '' }],
  [['echo', '-n', '--', '$HOME', 'a b'], { exitCode: 0, output: '-- $HOME a b' }],
] as const)('%j ends as %j', async (args, end) => {
  await launch('ends');
  const { output, ...rest } = await h.backend.exec('ends', args, never);
  expect({ ...rest, output: output.split('\n').sort().join('\n') }).toEqual({
    ...end,
    output: end.output.split('\n').sort().join('\n'),
  });
});

test('output without end is no memory without end', async () => {
  await launch('talks');
  const script = 'dd if=/dev/zero bs=1M count=200 2>/dev/null | tr "\\0" x; printf last; exit 7';
  const { exitCode, output } = await h.backend.exec('talks', ['sh', '-c', script], never);
  expect(exitCode).toBe(7);
  expect(output).toBe(`${'x'.repeat(4_092)}last`);
});

test.each([['nosuchcmd'], ['/etc'], ['--help'], ['']])('the command %j is an error', async (program) => {
  await launch('bad');
  await expect(h.backend.exec('bad', [program], never)).rejects.toThrow('could not run the command');
});

test('what does not run has no commands', async () => {
  await expect(h.backend.exec('none', ['true'], never)).rejects.toThrow('no running container');
  await h.backend.create(h.spec('gated', 'sleep 100'), never);
  await expect(h.backend.exec('gated', ['true'], never)).rejects.toThrow('no running container');
  await h.run(h.spec('over', 'exit 0'));
  await expect(h.backend.exec('over', ['true'], never)).rejects.toThrow('no running container');
});

test('an abort at any moment ends the command and its group, and nothing but those', async () => {
  const live = await launch('aborted');
  for (let delayMs = 0; delayMs < 60; delayMs += 3) {
    const abort = new AbortController();
    const script = 'trap "" TERM; sleep 987 & sleep 986';
    const executed = h.backend.exec('aborted', ['sh', '-c', script], abort.signal);
    const outcome = executed.catch((error: unknown) => error);
    await sleep(delayMs);
    abort.abort(new Error('enough'));
    expect(await outcome).toMatchObject({ message: 'enough' });
    expect(await commandsWith('sleep 98', live)).toEqual([]);
  }
  expect(await h.backend.exec('aborted', ['sh', '-c', 'exit 3'], never)).toMatchObject({ exitCode: 3 });
});

test('an abort does not wait for a child that has left the group and holds the output', async () => {
  const live = await launch('orphan');
  const abort = new AbortController();
  const script = 'setsid sleep 987 & sleep 986';
  const outcome = h.backend
    .exec('orphan', ['sh', '-c', script], abort.signal)
    .catch((error: unknown) => error);
  // Before that `setsid` is still in the group.
  while (!(await commandsWith('sleep 98', live)).includes('sleep 987')) await sleep(10);
  abort.abort(new Error('enough'));
  expect(await outcome).toMatchObject({ message: 'enough' });
  expect(await commandsWith('sleep 98', live)).toEqual(['sleep 987']);
});

test('the end of the container ends its commands, whatever sessions they are in', async () => {
  const live = await launch('ended');
  const executed = h.backend.exec('ended', ['sh', '-c', 'setsid sleep 987 & sleep 986'], never);
  await untilSeen(live, 'sleep 987');
  await h.backend.signal('ended', 'SIGKILL');
  expect(await executed).toMatchObject({ exitCode: 137 });
  expect(await h.backend.wait('ended', never)).toMatchObject({ exitCode: 137 });
});

test('a removal meanwhile leaves nothing', async () => {
  const live = await launch('removed');
  const executed = h.backend.exec('removed', ['sleep', '987'], never).catch((error: unknown) => error);
  await untilSeen(live, 'sleep 987');
  await h.backend.remove('removed');
  await executed;
  expect(await h.backend.list()).toEqual([]);
});

test('a container that makes its working folder a link to open files of runc does not get out by its hook', async () => {
  const secret = join(h.folder, 'secret');
  writeFileSync(secret, 'of the host', { mode: 0o644 });
  const files = Array.from({ length: 10 }, (_, n) => n + 3);
  const reads = await Promise.all(
    files.map(async (n) => {
      const id = `link-${n}`;
      const script = `cd /; rmdir /work; ln -s /proc/self/fd/${n} /work; echo ready; sleep 100`;
      await h.launch(h.spec(id, script, { workingDirectory: '/work' }));
      await h.outputOfLength(id, 'ready\n'.length);
      const read = ['sh', '-c', `cat ../../../../..${secret}; cat ${secret}; echo tried`];
      return h.backend.exec(id, read, never).then(
        ({ output }) => output,
        (error: unknown) => String(error),
      );
    }),
  );
  expect(reads.filter((text) => text.includes('of the host'))).toEqual([]);
  // Most are no folders, which is an error; the others lie in the container.
  expect(reads.filter((text) => !/could not run the command|tried/.test(text))).toEqual([]);
});

test('what an agent that was killed has left running is removed with the container', async () => {
  const live = await launch('left');
  const pidFile = join(h.state, 'containers/left/exec-old.pid');
  const args = ['--root', join(h.state, 'runtime'), 'exec', '--pid-file', pidFile, 'left', 'sleep', '987'];
  const runc = spawn('runc', args, { stdio: 'ignore' });
  const ended = once(runc, 'exit');
  await untilSeen(live, 'sleep 987');
  await h.backend.close();
  await h.open();
  await h.backend.remove('left');
  await ended;
  expect(await h.backend.list()).toEqual([]);
});
