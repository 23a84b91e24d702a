/** Real cgroups and processes. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { cgroupsOfProcess, findCgroupsOfProcess, readCgroupLayout } from '../src/host/cgroup-layout.ts';
import { killAll, processesIn, removeCgroups } from '../src/host/cgroup-removal.ts';
import { isRunning, readProcessIdentity } from '../src/host/process-identity.ts';
import { runCommand } from '../src/host/run-command.ts';
import { ended, firstLine, OwnCgroup } from './host-own-cgroup.ts';

let own: OwnCgroup | undefined;
afterEach(async () => {
  await own?.remove();
  own = undefined;
});

test('the layout is the one that the mounts show', async () => {
  const { mode, hierarchies, supported } = await readCgroupLayout();
  const { stdout } = await runCommand('stat', ['-fc', '%T', '/sys/fs/cgroup']);
  expect(mode === 'v2').toBe(stdout.trim() === 'cgroup2fs');
  expect(supported).toContain(2);
  for (const { mountPoint } of hierarchies) expect(existsSync(join(mountPoint, 'cgroup.procs'))).toBe(true);
});

test('a process is found where it was put, and not when it has ended', async () => {
  own = await OwnCgroup.make('host');
  const child = own.spawn('/bin/sh', ['-c', 'echo up; read -r _']);
  await firstLine(child);
  expect(await cgroupsOfProcess(child.pid!, { layout: own.layout })).toEqual(own.paths);
  expect(await processesIn(own.paths)).toEqual([child.pid]);
  const identity = (await readProcessIdentity(child.pid!))!;
  expect(await isRunning(identity)).toBe(true);
  child.stdin!.end('\n');
  await ended(child);
  expect(await isRunning(identity)).toBe(false);
  expect(await findCgroupsOfProcess(child.pid!)).toBeUndefined();
});

test('a busy cgroup stays and is named; a forking tree of processes is ended, and then it goes', async () => {
  own = await OwnCgroup.make('host');
  // Each ends soon and starts the next, so that a list of processes is never right for long.
  const forking =
    'trap "" TERM INT HUP; echo up; while :; do /bin/sh -c "sleep 0.02 & sleep 0.03" & sleep 0.01; done';
  const child = own.spawn('/bin/sh', ['-c', forking]);
  await firstLine(child);
  const busy = await removeCgroups(own.folders, { timeoutMs: 50 }).catch((error: unknown) => error);
  expect(busy).toBeInstanceOf(AggregateError);
  expect((busy as AggregateError).errors).toHaveLength(own.folders.length);
  expect((await processesIn(own.folders)).length).toBeGreaterThan(0);
  await killAll(own.folders);
  expect(await processesIn(own.folders)).toEqual([]);
  await ended(child);
  expect(child.signalCode).toBe('SIGKILL');
  // Version 1 has no kill file; the freezer alone must do as well.
  await mkdir(join(own.folders[0], 'below'));
  await removeCgroups(own.folders);
  for (const folder of own.folders) expect(existsSync(folder)).toBe(false);
  await removeCgroups(own.folders);
  await killAll(own.folders);
});

test('version 1 alone ends a forking tree of processes', async () => {
  own = await OwnCgroup.make('host');
  const child = own.spawn('/bin/sh', ['-c', 'echo up; while :; do (sleep 0.02 &) ; sleep 0.005; done']);
  await firstLine(child);
  await killAll(Object.values(own.paths.controllers));
  expect(await processesIn(own.folders)).toEqual([]);
  await ended(child);
});

test('this process is never ended with a cgroup', async () => {
  const paths = await cgroupsOfProcess('self');
  await expect(killAll(paths)).rejects.toThrow('this process is in');
});
