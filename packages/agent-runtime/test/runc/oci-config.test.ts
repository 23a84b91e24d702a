import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../src/contract/container-spec.ts';
import { ociConfig, type OciConfigInput } from '../../src/runc/oci-config.ts';
import { mountsBelow } from '../../src/runc/root-filesystem.ts';
import { seccompProfile } from '../../src/runc/seccomp-profiles.ts';

const SPEC: ContainerSpec = {
  id: 'a',
  image: {
    id: 'i',
    entrypoint: [],
    command: [],
    environment: {},
    workingDirectory: '/',
    user: '',
    labels: {},
  },
  args: ['run', '--now'],
  environment: { A: '1', HOME: '/mine' },
  workingDirectory: '/work',
  user: '',
  labels: { l: 'v' },
  hostname: 'host-a',
  cpu: { shares: 100, quotaMicros: 50_000, periodMicros: 100_000, cpus: [0, 2] },
  memoryBytes: 1_000,
  pids: 5,
  limits: [{ name: 'nofile', soft: 1, hard: 2 }],
  oomScoreAdjust: 7,
  security: {
    userNamespace: true,
    seccomp: 'default',
    capabilities: ['CAP_KILL'],
    readOnlyRoot: true,
    noNewPrivileges: true,
  },
  mounts: [
    { kind: 'bind', source: '/on/host', target: '/etc/hosts', readOnly: true },
    { kind: 'tmpfs', target: '/tmp', readOnly: false, sizeMiB: 3 },
  ],
  network: 'none',
  logs: { maxFileBytes: 1, maxFiles: 1 },
  stopSignal: 'SIGTERM',
};

const INPUT: OciConfigInput = {
  spec: SPEC,
  user: { uid: 1, gid: 2, additionalGids: [3], home: '/home' },
  range: { index: 1, firstId: 5_000, size: 100 },
  rootPath: '/root/path',
  cgroupPath: '/stowage-x/a',
  limitsSwap: true,
  files: { '/etc/hosts': '/generated/hosts', '/etc/hostname': '/generated/hostname' },
};

interface Config {
  readonly root: object;
  readonly process: { readonly env: string[] } & Record<string, unknown>;
  readonly mounts: { readonly destination: string; readonly source: string; readonly options: string[] }[];
  readonly linux: Record<string, unknown> & { readonly namespaces: { readonly type: string }[] };
}

function config(input: Partial<OciConfigInput> = {}): Config {
  return ociConfig({ ...INPUT, ...input }) as Config;
}

test('says what the specification says', () => {
  const { root, process: main, linux, mounts } = config();
  expect(root).toEqual({ path: '/root/path', readonly: true });
  expect(main).toMatchObject({
    args: ['run', '--now'],
    cwd: '/work',
    user: { uid: 1, gid: 2, additionalGids: [3] },
    noNewPrivileges: true,
    oomScoreAdj: 7,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 }],
    capabilities: {
      bounding: ['CAP_KILL'],
      effective: ['CAP_KILL'],
      permitted: ['CAP_KILL'],
      inheritable: [],
      ambient: [],
    },
  });
  expect(main.env.slice(1)).toEqual(['HOME=/mine', 'A=1']);
  expect(linux).toMatchObject({
    cgroupsPath: '/stowage-x/a',
    uidMappings: [{ containerID: 0, hostID: 5_000, size: 100 }],
    gidMappings: [{ containerID: 0, hostID: 5_000, size: 100 }],
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      cpu: { shares: 100, quota: 50_000, period: 100_000, cpus: '0,2' },
      memory: { limit: 1_000, swap: 1_000 },
      pids: { limit: 5 },
    },
  });
  expect(linux.namespaces.map(({ type }) => type).sort()).toEqual([
    'cgroup',
    'ipc',
    'mount',
    'network',
    'pid',
    'user',
    'uts',
  ]);
  const sources = (target: string): string[] =>
    mounts.filter(({ destination }) => destination === target).map(({ source }) => source);
  expect(sources('/etc/hosts')).toEqual(['/on/host']);
  expect(sources('/etc/hostname')).toEqual(['/generated/hostname']);
  expect(mounts.at(-1)!.options).toEqual(['rw', 'nosuid', 'nodev', 'mode=1777', 'size=3m']);
});

test('without a user range, quota or swap, and in the network of the host', () => {
  const spec: ContainerSpec = {
    ...SPEC,
    network: 'host',
    cpu: { shares: 2, periodMicros: 100_000 },
    security: { ...SPEC.security, seccomp: 'unconfined' },
  };
  const { linux, mounts } = config({ spec, range: undefined, limitsSwap: false });
  expect(linux.namespaces.map(({ type }) => type).sort()).toEqual(['cgroup', 'ipc', 'mount', 'pid', 'uts']);
  expect(linux).not.toHaveProperty('uidMappings');
  expect(linux).not.toHaveProperty('seccomp');
  expect(linux.resources).toMatchObject({ cpu: { shares: 2, period: 100_000 }, memory: { limit: 1_000 } });
  expect(mounts.find(({ destination }) => destination === '/sys')!.source).toBe('sysfs');
  const mapped = config({ spec: { ...SPEC, network: 'host' } }).mounts;
  expect(mapped.find(({ destination }) => destination === '/sys')!.options).toContain('rro');
});

test('filters leave out what reaches beyond the container; strict is a part of default', () => {
  const allowed = (kind: 'default' | 'strict'): Set<string> =>
    new Set(
      seccompProfile(kind, 'x64').syscalls.flatMap((rule) =>
        rule.args === undefined && rule.action === 'SCMP_ACT_ALLOW' ? rule.names : [],
      ),
    );
  const [usual, strict] = [allowed('default'), allowed('strict')];
  const beyond = `mount umount2 move_mount open_tree fsopen fsconfig fsmount mount_setattr pivot_root init_module
    finit_module delete_module kexec_load reboot swapon swapoff keyctl add_key request_key bpf perf_event_open
    userfaultfd setns unshare clone clone3 socket clock_settime settimeofday adjtimex iopl ioperm quotactl acct
    open_by_handle_at sethostname setdomainname io_uring_setup lookup_dcookie nfsservctl vhangup move_pages mbind`;
  for (const name of beyond.split(/\s+/)) expect([name, usual.has(name)]).toEqual([name, false]);
  for (const name of ['read', 'execve', 'futex', 'openat', 'accept4', 'epoll_wait'])
    expect(strict.has(name)).toBe(true);
  expect([...strict].every((name) => usual.has(name))).toBe(true);
  expect(strict.has('ptrace')).toBe(false);
  expect(strict.size).toBeLessThan(usual.size);
});

test('mounts at and below a folder, newest first, with escaped names', () => {
  const lines = ['/a', '/a/b', '/ab', '/a/c\\040d', '/'].map(
    (point, i) => `${i} 1 0:1 / ${point} rw - tmpfs x rw`,
  );
  expect(mountsBelow(`${lines.join('\n')}\n`, '/a')).toEqual(['/a/c d', '/a/b', '/a']);
});
