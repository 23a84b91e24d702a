/** Real processes of this test's own, in its cgroup. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endGroupInContainer } from '../../src/contract/process-group.ts';

/** The first of a session, as runtimes make commands, with a child. */
function group(): ChildProcess {
  const script = 'sleep 1000 & echo ready; wait';
  return spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
}

test('ends a process in the cgroups of the first one, and its children', async () => {
  const command = group();
  await once(command.stdout!, 'data');
  const closed = once(command, 'close');
  expect(await endGroupInContainer(command.pid!, process.pid)).toBe(true);
  // The child holds the output: it is closed when both have ended.
  expect(await closed).toEqual([null, 'SIGKILL']);
  expect(await endGroupInContainer(command.pid!, process.pid)).toBe(false);
});

test('leaves alone what is in other cgroups, and everything when the container has ended', async () => {
  const command = group();
  await once(command.stdout!, 'data');
  const gone = spawn('true');
  await once(gone, 'exit');
  expect(await endGroupInContainer(command.pid!, gone.pid!)).toBe(false);
  expect(await endGroupInContainer(gone.pid!, process.pid)).toBe(false);
  expect(await endGroupInContainer(gone.pid!, gone.pid!)).toBe(false);
  expect(command.exitCode ?? command.signalCode).toBe(null);
  process.kill(-command.pid!, 'SIGKILL');
  expect(await once(command, 'close')).toEqual([null, 'SIGKILL']);
});
