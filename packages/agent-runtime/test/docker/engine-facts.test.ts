/** From what the engine says to the features of a task. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineFacts, engineFeatures } from '../../src/docker/engine-facts.ts';
import type { EngineInfo } from '../../src/docker/engine-types.ts';
import { INFO } from './docker-model.ts';

const info = INFO as unknown as EngineInfo;

async function levels(changes: Partial<EngineInfo>, gate?: string): Promise<Record<string, string>> {
  const changed = { ...info, ...changes };
  const features = engineFeatures(changed, await engineFacts(changed, '/dev/null'), gate);
  return Object.fromEntries(Object.entries(features).map(([name, { level }]) => [name, level]));
}

test.each<[string, Partial<EngineInfo>, string, string, string]>([
  ['no shares', { CPUShares: false }, 'cpu-shares', 'enforced', 'unavailable'],
  ['no quota', { CpuCfsQuota: false }, 'cpu-quota', 'enforced', 'unavailable'],
  ['no cpuset', { CPUSet: false }, 'cpu-sets', 'enforced', 'unavailable'],
  ['no memory controller', { MemoryLimit: false }, 'memory-limit', 'enforced', 'unavailable'],
  ['no memory controller', { MemoryLimit: false }, 'out-of-memory-report', 'enforced', 'unavailable'],
  ['no swap accounting', { SwapLimit: false }, 'memory-limit', 'enforced', 'emulated'],
  ['no pids controller', { PidsLimit: false }, 'pids-limit', 'enforced', 'unavailable'],
  ['no seccomp', { SecurityOptions: null }, 'seccomp', 'enforced', 'unavailable'],
  ['remapped', { SecurityOptions: ['name=userns'] }, 'user-namespace', 'unavailable', 'enforced'],
  ['AppArmor', { SecurityOptions: ['name=apparmor'] }, 'apparmor', 'unavailable', 'enforced'],
  ['no json-file', { Plugins: { Log: null } }, 'log-rotation', 'enforced', 'unavailable'],
  ['btrfs', { Driver: 'btrfs' }, 'disk-limit', 'unavailable', 'enforced'],
])('%s', async (_what, changes, feature, usual, changed) => {
  expect((await levels({}))[feature]).toBe(usual);
  expect((await levels(changes))[feature]).toBe(changed);
});

test('no gate', async () => {
  expect((await levels({}, 'no busybox'))['launch-gate']).toBe('unavailable');
  expect((await levels({}))['launch-gate']).toBe('enforced');
});

test('XFS limits disk space where the engine keeps its data, if it is mounted so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stw-facts-'));
  const table = join(folder, 'mountinfo');
  const xfs = { ...info, DriverStatus: [['Backing Filesystem', 'xfs']] as const };
  const line = (point: string, options: string): string =>
    `20 1 8:1 / ${point} rw,relatime shared:1 - xfs /dev/sda1 rw,${options}\n`;
  const limits = async (text: string): Promise<boolean> => {
    writeFileSync(table, text);
    return (await engineFacts(xfs, table)).limitsDisk;
  };
  expect(await limits(line('/', 'prjquota'))).toBe(true);
  expect(await limits(line('/', 'noquota'))).toBe(false);
  expect(await limits(line('/', 'prjquota') + line('/var/lib/docker', 'noquota'))).toBe(false);
  expect(await limits(line('/', 'noquota') + line('/var/lib', 'pquota'))).toBe(true);
  expect(await limits(line('/', 'noquota') + line('/var/lib/docker-other', 'pquota'))).toBe(false);
  expect((await engineFacts({ ...xfs, Driver: 'vfs' }, table)).limitsDisk).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});
