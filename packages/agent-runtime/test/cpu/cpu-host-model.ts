/**
 * A host in memory for the tests of the CPU facility: cgroups that come and go, and a kernel that can refuse or fail
 * before or after a write.
 */
import type { CpuMode, TaskSpec } from '@stowage/protocol';
import type { LiveContainer } from '../../src/contract/container-backend.ts';
import type { CpuHost } from '../../src/cpu/cpu-host.ts';
import type { CpusetFiles, CpusetFolder } from '../../src/cpu/cpuset-files.ts';
import type { CpuTopology } from '../../src/cpu/topology.ts';
import type { CgroupController } from '../../src/host/cgroup.ts';

export const NEVER: AbortSignal = new AbortController().signal;

export function taskOf(taskId: string, cpuMilli: number, cpuMode?: CpuMode): TaskSpec {
  return {
    taskId,
    image: { kind: 'folder', path: '/' },
    resources: { cpuMilli, memoryMiB: 64 },
    ...(cpuMode !== undefined && { cpuMode }),
  };
}

export class CpuHostModel implements CpuHost, CpusetFiles {
  topologyNow: CpuTopology;
  readonly controllers: Set<CgroupController> = new Set(['cpu', 'cpuset']);
  /** CPUs by path. */
  readonly cgroups: Map<string, readonly number[]> = new Map();
  readonly writes: { readonly path: string; readonly cpus: readonly number[] }[] = [];
  /** Asked at every read, before and after every write; throws to make it fail, waits to make it hang. */
  fault: (what: 'read' | 'write' | 'written', path: string) => void | Promise<void> = () => undefined;

  constructor(topology: CpuTopology) {
    this.topologyNow = topology;
  }

  async topology(): Promise<CpuTopology> {
    return this.topologyNow;
  }

  async hasController(controller: CgroupController): Promise<boolean> {
    return this.controllers.has(controller);
  }

  /** What a backend does between `prepare` and `attach`. */
  create(taskId: string, cpus: readonly number[] | undefined): LiveContainer {
    this.cgroups.set(`/${taskId}`, cpus ?? []);
    return this.live(taskId);
  }

  live(taskId: string): LiveContainer {
    return { pid: 1, cgroups: { version: 1, controllers: { cpuset: `/${taskId}` } } };
  }

  async read({ path }: CpusetFolder): Promise<number[]> {
    await Promise.resolve();
    await this.fault('read', path);
    return [...this.#existing(path)];
  }

  async write({ path }: CpusetFolder, cpus: readonly number[]): Promise<void> {
    await Promise.resolve();
    await this.fault('write', path);
    this.#existing(path);
    if (cpus.length === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    this.cgroups.set(path, cpus);
    this.writes.push({ path, cpus });
    await this.fault('written', path);
  }

  #existing(path: string): readonly number[] {
    const cpus = this.cgroups.get(path);
    if (cpus === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return cpus;
  }
}
