import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linuxCpuHost } from '../../src/cpu/cpu-host.ts';
import { cpusOf } from '../../src/cpu/topology.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stw-cpu-host-'));
  await put('sys/devices/system/cpu/online', '0-3');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\n`);
}

/** @param mounts - folder below the root, type and options of each hierarchy */
async function hostWith(...mounts: [folder: string, type: string, options: string][]) {
  await put('proc/filesystems', 'nodev\tcgroup\nnodev\tcgroup2');
  const lines = mounts.map(
    ([folder, type, options], i) =>
      `${30 + i} 24 0:${30 + i} / ${join(root, folder)} rw - ${type} ${type} ${options}`,
  );
  await put('proc/self/mountinfo', lines.join('\n'));
  return linuxCpuHost({ sysfs: join(root, 'sys'), procRoot: join(root, 'proc') });
}

describe('CPUs of a Linux host', () => {
  it('keeps to what version 1 gives this agent', async () => {
    await put('cg/cpuset/cpuset.effective_cpus', '1-2');
    const host = await hostWith(['cg/cpuset', 'cgroup', 'rw,cpuset'], ['cg/cpu', 'cgroup', 'rw,cpu,cpuacct']);
    expect(cpusOf(await host.topology())).toEqual([1, 2]);
    expect(await host.hasController('cpuset')).toBe(true);
    expect(await host.hasController('memory')).toBe(false);
  });

  it('keeps to what version 2 gives this agent', async () => {
    await put('cg/cgroup.controllers', 'cpuset cpu io memory pids');
    await put('cg/cpuset.cpus.effective', '0,3');
    const host = await hostWith(['cg', 'cgroup2', 'rw,nsdelegate']);
    expect(cpusOf(await host.topology())).toEqual([0, 3]);
    expect(await host.hasController('cpuset')).toBe(true);
  });

  it('takes all CPUs where there is no cpuset', async () => {
    await put('cg/cgroup.controllers', 'cpu memory');
    const host = await hostWith(['cg', 'cgroup2', 'rw']);
    expect(cpusOf(await host.topology())).toEqual([0, 1, 2, 3]);
    expect(await host.hasController('cpuset')).toBe(false);
    expect(await host.hasController('cpu')).toBe(true);
  });
});
