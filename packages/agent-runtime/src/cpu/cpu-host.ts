/**
 * What of CPU isolation this host can do, and the CPUs that tasks may be given: those that are online and that the
 * topmost cgroup in sight has, so that an agent which runs in a container itself keeps to its share.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupController } from '../host/cgroup.ts';
import { readCgroupLayout } from '../host/cgroup-layout.ts';
import { parseCpuList } from './cpu-list.ts';
import { type CpuTopology, keepCpus, readTopology } from './topology.ts';

export interface CpuHost {
  /** May change while the agent runs. */
  topology(): Promise<CpuTopology>;
  /** Whether new cgroups can have this controller. */
  hasController(controller: CgroupController): Promise<boolean>;
}

export interface LinuxCpuHostOptions {
  /** Default `/sys`. */
  readonly sysfs?: string;
  /** Default `/proc`. */
  readonly procRoot?: string;
}

export function linuxCpuHost(options: LinuxCpuHostOptions = {}): CpuHost {
  const hierarchyOf = async (
    controller: CgroupController,
  ): Promise<{ version: 1 | 2; mountPoint: string } | undefined> => {
    const { mode, hierarchies } = await readCgroupLayout(options);
    const version = mode === 'v2' ? 2 : 1;
    return hierarchies.find((each) => each.version === version && each.controllers.includes(controller));
  };
  return {
    hasController: async (controller) => (await hierarchyOf(controller)) !== undefined,
    async topology() {
      const online = await readTopology(options.sysfs);
      const hierarchy = await hierarchyOf('cpuset');
      if (hierarchy === undefined) return online;
      const file = hierarchy.version === 1 ? 'cpuset.effective_cpus' : 'cpuset.cpus.effective';
      const usable = new Set(parseCpuList(await readFile(join(hierarchy.mountPoint, file), 'utf8')));
      return keepCpus(online, (cpu) => usable.has(cpu));
    },
  };
}
