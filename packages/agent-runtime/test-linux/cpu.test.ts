/**
 * CPU isolation with the kernel's own cgroups and real processes. Everything lies below one cgroup of this process,
 * `/stw-cpu-<pid>`, in each hierarchy, and is gone afterwards.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CpuMode, TaskSpec } from '@stowage/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LiveContainer } from '../src/contract/container-backend.ts';
import { CpuFacility } from '../src/cpu/cpu-facility.ts';
import { linuxCpuHost } from '../src/cpu/cpu-host.ts';
import { cpuLimits } from '../src/cpu/cpu-limits.ts';
import { formatCpuList, parseCpuList } from '../src/cpu/cpu-list.ts';
import { cpusetFiles } from '../src/cpu/cpuset-files.ts';
import { cpusOf, readTopology } from '../src/cpu/topology.ts';
import type { CgroupPaths } from '../src/host/cgroup.ts';
import {
  type CgroupLayout,
  cgroupFoldersAt,
  cgroupsAt,
  readCgroupLayout,
} from '../src/host/cgroup-layout.ts';

const NEVER = new AbortController().signal;
const ROOT = `/stw-cpu-${process.pid}`;
const layout: CgroupLayout = await readCgroupLayout();
const top = cgroupsAt(layout, '/').controllers;
const missing = [
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...(top.cpuset === undefined ? ['the cgroup controller cpuset'] : []),
  ...(top.cpu === undefined ? ['the cgroup controller cpu'] : []),
  ...(availableParallelism() >= 2 ? [] : ['a second CPU']),
];

const made: string[] = [];
const children: ChildProcess[] = [];
const facilities: CpuFacility[] = [];

async function write(folder: string, file: string, text: string): Promise<void> {
  await writeFile(join(folder, file), text);
}

/** In all hierarchies that count here, with what a runtime sets before the first process comes. */
async function makeCgroup(path: string): Promise<CgroupPaths> {
  const paths = cgroupsAt(layout, path);
  const { cpu, cpuacct, cpuset } = paths.controllers;
  for (const folder of new Set([cpuset!, cpu!, cpuacct!])) {
    if (layout.mode === 'v2') await write(dirname(folder), 'cgroup.subtree_control', '+cpu +cpuset');
    await mkdir(folder);
    made.push(folder);
  }
  if (paths.version === 1) {
    const parent = dirname(cpuset!);
    for (const file of ['cpuset.mems', 'cpuset.cpus'])
      await write(cpuset!, file, await readFile(join(parent, file), 'utf8'));
  }
  return paths;
}

async function removeCgroup(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rmdir(folder);
    } catch (error) {
      // The kernel still counts processes that have just ended.
      if (attempt === 100 || (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      await sleep(20);
    }
  }
}

/** A process that never rests, in these cgroups. */
async function busyIn({ controllers }: CgroupPaths): Promise<number> {
  const child = spawn('/bin/sh', ['-c', 'read go; while :; do :; done'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  children.push(child);
  await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject));
  for (const folder of new Set([controllers.cpuset!, controllers.cpu!, controllers.cpuacct!]))
    await write(folder, 'cgroup.procs', `${child.pid}`);
  child.stdin.end('go\n');
  return child.pid!;
}

async function endAll(): Promise<void> {
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }),
  );
}

async function allowed(pid: number): Promise<number[]> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return parseCpuList(/^Cpus_allowed_list:\t(.*)$/m.exec(status)![1]);
}

/** The CPU that it last ran on. */
async function lastCpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36]);
}

async function usedMicros({ version, controllers }: CgroupPaths): Promise<number> {
  if (version === 1)
    return Number(await readFile(join(controllers.cpuacct!, 'cpuacct.usage'), 'utf8')) / 1000;
  return Number(/usage_usec (\d+)/.exec(await readFile(join(controllers.cpu!, 'cpu.stat'), 'utf8'))![1]);
}

async function limit(paths: CgroupPaths, task: TaskSpec): Promise<void> {
  const { shares, quotaMicros, periodMicros } = cpuLimits(task, undefined);
  const folder = paths.controllers.cpu!;
  if (paths.version === 1) {
    await write(folder, 'cpu.shares', `${shares}`);
    await write(folder, 'cpu.cfs_period_us', `${periodMicros}`);
    await write(folder, 'cpu.cfs_quota_us', `${quotaMicros ?? -1}`);
  } else {
    await write(folder, 'cpu.weight', `${1 + Math.floor(((shares - 2) * 9999) / 262_142)}`);
    await write(folder, 'cpu.max', `${quotaMicros ?? 'max'} ${periodMicros}`);
  }
}

function task(taskId: string, cpuMilli: number, cpuMode: CpuMode): TaskSpec {
  return { taskId, image: { kind: 'folder', path: '/' }, resources: { cpuMilli, memoryMiB: 64 }, cpuMode };
}

describe.skipIf(missing.length > 0)(
  `CPU isolation${missing.length > 0 ? `: needs ${missing.join(', ')}` : ''}`,
  () => {
    let usable: number[];

    beforeAll(async () => {
      usable = cpusOf(await linuxCpuHost().topology());
      await makeCgroup(ROOT);
    });

    afterEach(async () => {
      await endAll();
      await Promise.all(facilities.splice(0).map((facility) => facility.close()));
      for (const folder of made.splice(1 + made.findLastIndex((path) => path.endsWith(ROOT))).reverse())
        if (existsSync(folder)) await removeCgroup(folder);
    });

    afterAll(async () => {
      for (const folder of made.splice(0).reverse()) await removeCgroup(folder);
      expect(cgroupFoldersAt(layout, ROOT).filter((folder) => existsSync(folder))).toEqual([]);
    });

    /** Only two CPUs are for tasks, on any host. */
    async function open(): Promise<CpuFacility> {
      const facility = await CpuFacility.open({ reservedCpus: usable.slice(2) });
      facilities.push(facility);
      return facility;
    }

    async function launch(
      facility: CpuFacility,
      spec: TaskSpec,
    ): Promise<{ pid: number; container: LiveContainer }> {
      const { cpu } = await facility.prepare(spec, NEVER);
      const cgroups = await makeCgroup(`${ROOT}/${spec.taskId}`);
      await write(cgroups.controllers.cpuset!, 'cpuset.cpus', formatCpuList(cpu!.cpus!));
      const pid = await busyIn(cgroups);
      const container = { pid, cgroups };
      await facility.attach(spec, container, NEVER);
      return { pid, container };
    }

    it('reads the CPUs of this host as they are', async () => {
      const online = parseCpuList(await readFile('/sys/devices/system/cpu/online', 'utf8'));
      expect(cpusOf(await readTopology())).toEqual(online);
      expect(usable.every((cpu) => online.includes(cpu))).toBe(true);
    });

    it('says that everything is enforced', async () => {
      const facility = await open();
      for (const { level } of Object.values(await facility.probe())) expect(level).toBe('enforced');
    });

    it('gives a static task a CPU of its own, moves burst tasks away at once and back afterwards', async () => {
      const [first, second] = usable;
      const facility = await open();
      const burst = await launch(facility, task('burst', 1000, 'burst'));
      const other = await launch(facility, task('other', 1500, 'burst'));
      expect(await allowed(burst.pid)).toEqual([first, second]);
      const own = await launch(facility, task('own', 1000, 'static'));
      expect(await allowed(own.pid)).toEqual([first]);
      expect(await allowed(burst.pid)).toEqual([second]);
      expect(await allowed(other.pid)).toEqual([second]);
      await sleep(200);
      expect([await lastCpu(own.pid), await lastCpu(burst.pid), await lastCpu(other.pid)]).toEqual([
        first,
        second,
        second,
      ]);
      await expect(facility.prepare(task('more', 1000, 'static'), NEVER)).rejects.toThrow(/not there/);
      await facility.release('own');
      expect(await allowed(burst.pid)).toEqual([first, second]);
      expect(await allowed(other.pid)).toEqual([first, second]);
      expect(facility.state().failedWrites).toBe(0);
    });

    it('takes over after a restart and moves nobody', async () => {
      const before = await open();
      const specs = [task('burst', 1000, 'burst'), task('own', 1000, 'static')];
      const launched = [await launch(before, specs[0]), await launch(before, specs[1])];
      const held = await Promise.all(launched.map(({ pid }) => allowed(pid)));
      await before.close();
      const after = await open();
      for (const [i, spec] of specs.entries()) await after.adopt(spec, undefined, launched[i].container);
      await after.sweep();
      expect(await Promise.all(launched.map(({ pid }) => allowed(pid)))).toEqual(held);
      expect(after.state().cpusetWrites).toBe(0);
      await after.release('own');
      expect(await allowed(launched[0].pid)).toEqual(usable.slice(0, 2));
    });

    it('moves cgroups inside a container with it, and forgets containers that are gone', async () => {
      const facility = await open();
      const { container } = await launch(facility, task('nest', 1000, 'burst'));
      const inner = await makeCgroup(`${ROOT}/nest/inner`);
      if (inner.version === 1)
        await write(inner.controllers.cpuset!, 'cpuset.cpus', formatCpuList(usable.slice(0, 2)));
      const pid = await busyIn(inner);
      const own = await launch(facility, task('own', 1000, 'static'));
      expect(await allowed(pid)).toEqual([usable[1]]);
      await endAll();
      await removeCgroup(inner.controllers.cpuset!);
      await removeCgroup(container.cgroups.controllers.cpuset!);
      await facility.release('own');
      expect(own.pid).toBeGreaterThan(0);
      expect(facility.state()).toMatchObject({ failedWrites: 0 });
    });

    it('says what the kernel refuses', async () => {
      const { version, controllers } = await makeCgroup(`${ROOT}/refused`);
      const files = cpusetFiles();
      await expect(files.write({ path: controllers.cpuset!, version }, [4000])).rejects.toThrow(
        /refuses CPUs 4000/,
      );
    });

    it('shares a CPU in proportion to the requests', async () => {
      const ratios: number[] = [];
      // Other load of the host disturbs short measurements; one good one shows that the weights are at work.
      for (let attempt = 0; attempt < 4 && !ratios.some((ratio) => ratio > 1.5 && ratio < 2.6); attempt++) {
        const groups = [
          await makeCgroup(`${ROOT}/large${attempt}`),
          await makeCgroup(`${ROOT}/small${attempt}`),
        ];
        for (const [i, cpuMilli] of [2000, 1000].entries()) {
          await limit(groups[i], task('t', cpuMilli, 'burst'));
          await write(groups[i].controllers.cpuset!, 'cpuset.cpus', `${usable[0]}`);
          await busyIn(groups[i]);
        }
        const before = await Promise.all(groups.map(usedMicros));
        await sleep(1500);
        const [large, small] = (await Promise.all(groups.map(usedMicros))).map((used, i) => used - before[i]);
        ratios.push(large / small);
        await endAll();
      }
      expect(ratios.at(-1)).toBeGreaterThan(1.5);
      expect(ratios.at(-1)).toBeLessThan(2.6);
    });

    it('holds a static task to its quota', async () => {
      // A small part, so that other load of the host does not hold it back before its quota does.
      const group = await makeCgroup(`${ROOT}/small`);
      await limit(group, task('t', 20, 'static'));
      const stat = (): Promise<string> => readFile(join(group.controllers.cpu!, 'cpu.stat'), 'utf8');
      const throttled = async (): Promise<number> => Number(/nr_throttled (\d+)/.exec(await stat())![1]);
      const [before, used, begin] = [await throttled(), await usedMicros(group), performance.now()];
      await busyIn(group);
      await vi.waitFor(async () => expect(await throttled()).toBeGreaterThan(before + 5), {
        timeout: 60_000,
      });
      const usedSince = (await usedMicros(group)) - used;
      // One period more than has passed, and what the kernel gives away in slices of 5 ms on each CPU.
      const periods = 1 + Math.ceil((performance.now() - begin) / 100);
      expect(usedSince).toBeLessThan(periods * 2000 + availableParallelism() * 5000);
    });
  },
);
