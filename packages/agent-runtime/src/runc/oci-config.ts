/**
 * The `config.json` of a bundle, from a container's specification. Pure: the same input gives the same text.
 * Everything that can be closed is closed: all namespaces are new ones, devices are runc's short list, kernel folders
 * are masked, capabilities are exactly those of the specification and never inheritable.
 * Source: OCI runtime specification 1.0.2.
 */
import type { ContainerSpec } from '../contract/container-spec.ts';
import { seccompProfile } from './seccomp-profiles.ts';
import type { ContainerUser } from './user-lookup.ts';
import type { UserRange } from './user-ranges.ts';

export interface OciConfigInput {
  readonly spec: ContainerSpec;
  readonly user: ContainerUser;
  /** Undefined without a user namespace. */
  readonly range: UserRange | undefined;
  readonly rootPath: string;
  readonly cgroupPath: string;
  /** Whether the host counts swap, so that a limit can be set. */
  readonly limitsSwap: boolean;
  /** Generated files by their path in the container. */
  readonly files: Readonly<Record<string, string>>;
}

interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** In kernel folders, what tells of the host or changes it. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function ociConfig(input: OciConfigInput): object {
  const { spec, range, rootPath, cgroupPath } = input;
  const { security } = spec;
  const mapping = range && [{ containerID: 0, hostID: range.firstId, size: range.size }];
  const namespaces = [
    'pid',
    'mount',
    'ipc',
    'uts',
    'cgroup',
    ...(spec.network === 'host' ? [] : ['network']),
    ...(range === undefined ? [] : ['user']),
  ];
  return {
    ociVersion: '1.0.2',
    hostname: spec.hostname,
    root: { path: rootPath, readonly: security.readOnlyRoot },
    annotations: spec.labels,
    process: processSection(input),
    mounts: mountSection(input),
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      ...(mapping !== undefined && { uidMappings: mapping, gidMappings: mapping }),
      cgroupsPath: cgroupPath,
      resources: resourceSection(input),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READ_ONLY_PATHS,
      ...(security.seccomp !== 'unconfined' && { seccomp: seccompProfile(security.seccomp) }),
    },
  };
}

function processSection({ spec, user }: OciConfigInput): object {
  const { security } = spec;
  const environment = { PATH: DEFAULT_PATH, HOME: user.home, ...spec.environment };
  return {
    terminal: false,
    args: spec.args,
    cwd: spec.workingDirectory,
    env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    capabilities: {
      bounding: security.capabilities,
      permitted: security.capabilities,
      effective: security.capabilities,
      inheritable: [],
      ambient: [],
    },
    noNewPrivileges: security.noNewPrivileges,
    oomScoreAdj: spec.oomScoreAdjust,
    rlimits: spec.limits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft,
      hard,
    })),
  };
}

function resourceSection({ spec, limitsSwap }: OciConfigInput): object {
  const { cpu, memoryBytes, pids } = spec;
  return {
    devices: [{ allow: false, access: 'rwm' }],
    cpu: {
      shares: cpu.shares,
      ...(cpu.quotaMicros !== undefined && { quota: cpu.quotaMicros }),
      period: cpu.periodMicros,
      ...(cpu.cpus !== undefined && { cpus: cpu.cpus.join(',') }),
    },
    memory: { limit: memoryBytes, ...(limitsSwap && { swap: memoryBytes }) },
    pids: { limit: pids },
  };
}

function mountSection({ spec, files, range }: OciConfigInput): readonly Mount[] {
  const closed = ['nosuid', 'noexec', 'nodev'];
  // A new sysfs shows the network namespace of who mounts it. In the host's own, a user namespace may only bind what is
  // there with all that is mounted in it (cgroups too, and `ro` would leave those writable).
  const seesHostSys = spec.network === 'host' && range !== undefined;
  const sys = seesHostSys
    ? mount('/sys', 'bind', '/sys', 'rbind', 'rro', ...closed)
    : mount('/sys', 'sysfs', 'sysfs', 'ro', ...closed);
  const given = new Set(spec.mounts.map(({ target }) => target));
  return [
    mount('/proc', 'proc', 'proc', ...closed),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
    mount('/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'),
    mount('/dev/shm', 'tmpfs', 'shm', ...closed, 'mode=1777', 'size=65536k'),
    mount('/dev/mqueue', 'mqueue', 'mqueue', ...closed),
    sys,
    ...(seesHostSys ? [] : [mount('/sys/fs/cgroup', 'cgroup', 'cgroup', 'ro', 'relatime', ...closed)]),
    ...Object.entries(files)
      .filter(([target]) => !given.has(target))
      .map(([target, source]) => mount(target, 'bind', source, 'bind', 'ro', ...closed)),
    ...spec.mounts.map(({ kind, source, target, readOnly, sizeMiB }) => {
      const access = readOnly ? 'ro' : 'rw';
      // With all that is mounted below, which `ro` would leave writable.
      if (kind === 'bind')
        return mount(target, 'bind', source!, 'rbind', readOnly ? 'rro' : 'rw', 'nosuid', 'nodev');
      const size = sizeMiB === undefined ? [] : [`size=${sizeMiB}m`];
      return mount(target, 'tmpfs', 'tmpfs', access, 'nosuid', 'nodev', 'mode=1777', ...size);
    }),
  ];
}

function mount(destination: string, type: string, source: string, ...options: readonly string[]): Mount {
  return { destination, type, source, options };
}
