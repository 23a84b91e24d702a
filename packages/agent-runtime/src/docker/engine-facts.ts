/**
 * What the engine says of itself, and what follows for the features of a task. Whatever the engine would silently
 * leave out ("limitation discarded") is unavailable here.
 */
import { readFile } from 'node:fs/promises';
import type { AgentFeature, FeatureState } from '@stowage/protocol';
import type { EngineInfo } from './engine-types.ts';

export interface EngineFacts {
  readonly remapsUsers: boolean;
  readonly limitsDisk: boolean;
  /** How disk space is limited, or what is missing. */
  readonly diskDetail: string;
}

/** @param mountInfoPath - default `/proc/self/mountinfo` */
export async function engineFacts(
  info: EngineInfo,
  mountInfoPath: string = '/proc/self/mountinfo',
): Promise<EngineFacts> {
  const disk = await diskFacts(info, mountInfoPath);
  return {
    remapsUsers: hasSecurityOption(info, 'userns'),
    limitsDisk: disk.level === 'enforced',
    diskDetail: disk.detail,
  };
}

/** @param gate - undefined, or why there is no launch gate */
export function engineFeatures(
  info: EngineInfo,
  facts: EngineFacts,
  gate: string | undefined,
): Partial<Record<AgentFeature, FeatureState>> {
  const cgroup = (has: boolean | undefined, controller: string): FeatureState =>
    has === true
      ? enforced(`cgroup v${info.CgroupVersion ?? '1'}, by the engine`)
      : unavailable(`the engine finds no ${controller} on this kernel; it needs the cgroup controller`);
  const memory = cgroup(info.MemoryLimit, 'memory controller');
  const isSwapOpen = info.MemoryLimit === true && info.SwapLimit === false;
  return {
    'rootfs-folder': unavailable('the engine runs images only; use the runc backend'),
    'cpu-shares': cgroup(info.CPUShares, 'CPU shares'),
    'cpu-quota': cgroup(info.CpuCfsQuota, 'CPU quota'),
    'cpu-sets': cgroup(info.CPUSet, 'cpuset controller'),
    'memory-limit': isSwapOpen
      ? {
          level: 'emulated',
          detail: 'the kernel does not account swap; boot with swapaccount=1, or have no swap',
        }
      : memory,
    'out-of-memory-report':
      memory.level === 'enforced' ? enforced("the engine's reports and the kernel's counters") : memory,
    'pids-limit': cgroup(info.PidsLimit, 'pids controller'),
    'disk-limit': facts.limitsDisk ? enforced(facts.diskDetail) : unavailable(facts.diskDetail),
    'resource-limits': enforced("up to the hard limits of the engine's own process"),
    'user-namespace': facts.remapsUsers
      ? enforced('one range of users for all containers of the engine')
      : unavailable('dockerd runs without --userns-remap'),
    'user-range-per-container': unavailable(
      'the engine has one range for all containers; use the runc backend',
    ),
    seccomp: hasSecurityOption(info, 'seccomp')
      ? enforced('')
      : unavailable('the engine or the kernel has no seccomp'),
    capabilities: enforced(''),
    apparmor: hasSecurityOption(info, 'apparmor')
      ? enforced("the engine's profile docker-default")
      : unavailable('the kernel has no AppArmor, or the engine does not use it'),
    'read-only-root': enforced(''),
    'no-new-privileges': enforced(''),
    'host-network': enforced('network mode host'),
    'launch-gate': gate === undefined ? enforced('a static busybox waits for the agent') : unavailable(gate),
    'pre-stop': enforced("the engine's exec, with the container's user and walls"),
    'log-rotation': (info.Plugins?.Log ?? []).includes('json-file')
      ? enforced("the engine's log driver json-file")
      : unavailable('the engine has no log driver json-file'),
  };
}

const enforced = (detail: string): FeatureState => ({ level: 'enforced', detail });
const unavailable = (detail: string): FeatureState => ({ level: 'unavailable', detail });

/** Options look like `name=seccomp,profile=default`. */
function hasSecurityOption(info: EngineInfo, name: string): boolean {
  return (info.SecurityOptions ?? []).some((option) => option.split(',').includes(`name=${name}`));
}

/** The engine limits a container's layer with btrfs and ZFS, and with overlay2 on XFS that has project quotas. */
async function diskFacts(info: EngineInfo, mountInfoPath: string): Promise<FeatureState> {
  if (info.Driver === 'btrfs' || info.Driver === 'zfs') return enforced(`quota of ${info.Driver}`);
  const below = new Map(info.DriverStatus ?? []).get('Backing Filesystem') ?? 'an unknown file system';
  if (info.Driver === 'overlay2' && below === 'xfs') {
    const options = mountOptions(await readFile(mountInfoPath, 'utf8'), info.DockerRootDir);
    if (options.some((option) => option === 'prjquota' || option === 'pquota')) {
      return enforced('project quota of XFS');
    }
  }
  return unavailable(
    `storage driver ${info.Driver} on ${below} has no quota; it takes overlay2 on XFS mounted with pquota, btrfs or ZFS`,
  );
}

/** Options of the file system that holds a path. Source: proc(5), mountinfo. */
function mountOptions(mountInfo: string, path: string): readonly string[] {
  let best: { readonly point: string; readonly options: readonly string[] } = { point: '', options: [] };
  for (const line of mountInfo.split('\n')) {
    const [left, right] = line.split(' - ');
    const fields = left?.split(' ') ?? [];
    const point = fields[4];
    if (point === undefined || right === undefined) continue;
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of equal points the later mount lies above.
    if (!holds || point.length < best.point.length) continue;
    best = { point, options: `${fields[5]},${right.split(' ')[2] ?? ''}`.split(',') };
  }
  return best.options;
}
