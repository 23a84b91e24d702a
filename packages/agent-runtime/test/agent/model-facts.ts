/** A host that can do everything, and a small task for it. */
import type { TaskSpec } from '@stowage/protocol';
import type { HostFacts } from '../../src/features/host-facts.ts';

export const FACTS: HostFacts = {
  kernelRelease: '6.0',
  cgroups: { mode: 'v2', mounts: {} } as unknown as HostFacts['cgroups'],
  controllers: {
    cpu: undefined,
    cpuacct: undefined,
    cpuset: undefined,
    memory: undefined,
    pids: undefined,
    blkio: undefined,
    freezer: undefined,
  },
  kernel: {
    'user namespace': undefined,
    veth: undefined,
    nftables: undefined,
    htb: undefined,
    tbf: undefined,
    clsact: undefined,
    ifb: undefined,
  },
  capabilities: ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN', 'CAP_SYS_RESOURCE'],
  hardLimits: {
    core: 1e9,
    cpu: 1e9,
    data: 1e9,
    fsize: 1e9,
    memlock: 1e9,
    nofile: 20_000,
    nproc: 1e9,
    stack: 1e9,
  },
  seccomp: true,
  idmappedMounts: true,
  securityModules: ['apparmor'],
  programs: {} as HostFacts['programs'],
};

export function taskSpec(taskId: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return {
    taskId,
    image: { kind: 'registry', reference: 'registry.test/app:1' },
    resources: { cpuMilli: 100, memoryMiB: 64 },
    ...more,
  };
}
