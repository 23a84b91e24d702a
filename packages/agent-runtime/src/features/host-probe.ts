/**
 * Collects the facts of `HostFacts`. Facilities of the kernel are tried out rather than looked up: each in a namespace
 * of its own that ends with the program that tried, so nothing has to be cleaned up and nothing of the host changes.
 * A fact that cannot be found out counts as missing, with the reason; probing never fails as a whole.
 */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CAPABILITY_NAMES, type ResourceLimit } from '@stowage/protocol';
import type { CgroupController } from '../host/cgroup.ts';
import { type CgroupLayout, cgroupsAt, readCgroupLayout } from '../host/cgroup-layout.ts';
import { runCommand } from '../host/run-command.ts';
import { HOST_PROGRAMS, type HostFacts, type HostProgram, type KernelFacility } from './host-facts.ts';

/** @public */
export interface HostProbeOptions {
  /** Default `/proc`. */
  readonly procRoot?: string;
  /** Default `/sys`. */
  readonly sysRoot?: string;
  /** Runs programs of the host. */
  readonly run?: typeof runCommand;
}

const NET = ['--net'] as const;

/** What to run below `unshare`; success means that it works. */
const TRIALS: Readonly<Record<KernelFacility, readonly string[]>> = {
  'user namespace': ['--user', '--map-root-user', 'true'],
  veth: [...NET, 'ip', 'link', 'add', 'stw0', 'type', 'veth', 'peer', 'name', 'stw1'],
  nftables: [...NET, 'nft', 'add', 'table', 'inet', 'stw'],
  htb: [...NET, 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'htb'],
  tbf: [...NET, ...'tc qdisc add dev lo root tbf rate 1mbit burst 10k latency 10ms'.split(' ')],
  clsact: [...NET, 'tc', 'qdisc', 'add', 'dev', 'lo', 'clsact'],
  ifb: [...NET, 'ip', 'link', 'add', 'stw0', 'type', 'ifb'],
};

const VERSION_FLAGS: Readonly<Partial<Record<HostProgram, string>>> = { ip: '-V', tc: '-V' };

/** @public */
export async function probeHost(options: HostProbeOptions = {}): Promise<HostFacts> {
  const { procRoot = '/proc', sysRoot = '/sys', run = runCommand } = options;
  const proc = (path: string): Promise<string | undefined> => readIfThere(join(procRoot, path));
  const [release, status, limits, openFiles, actions, modules, cgroups] = await Promise.all([
    proc('sys/kernel/osrelease'),
    proc('self/status'),
    proc('self/limits'),
    proc('sys/fs/nr_open'),
    proc('sys/kernel/seccomp/actions_avail'),
    activeModules(sysRoot),
    layoutOrNone(procRoot),
  ]);
  const [controllers, kernel, programs] = await Promise.all([
    usableControllers(cgroups),
    mapAll(TRIALS, (args) => failureOf(run, args)),
    Promise.all(HOST_PROGRAMS.map(async (name) => [name, await versionOf(run, name)] as const)),
  ]);
  const capabilities = capabilitiesIn(status ?? '');
  const kernelRelease = (release ?? 'unknown').trim();
  return {
    kernelRelease,
    cgroups,
    controllers,
    kernel,
    capabilities,
    hardLimits: highestLimits(limits ?? '', Number(openFiles ?? 1_048_576), capabilities),
    seccomp: actions !== undefined,
    idmappedMounts: isAtLeast(kernelRelease, 5, 19),
    securityModules: modules,
    programs: Object.fromEntries(programs) as HostFacts['programs'],
  };
}

async function layoutOrNone(procRoot: string): Promise<CgroupLayout> {
  try {
    return await readCgroupLayout({ procRoot });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { mode: 'none', hierarchies: [], supported: [] };
  }
}

async function usableControllers(layout: CgroupLayout): Promise<HostFacts['controllers']> {
  const { controllers } = cgroupsAt(layout, '/');
  const names: Readonly<Record<CgroupController, undefined>> = {
    cpu: undefined,
    cpuacct: undefined,
    cpuset: undefined,
    memory: undefined,
    pids: undefined,
    blkio: undefined,
    freezer: undefined,
  };
  return mapAll(names, async (_, name) => {
    const folder = controllers[name];
    if (folder === undefined)
      return layout.mode === 'none'
        ? `no cgroup hierarchy is mounted; mount one (the kernel knows version ${layout.supported.join(' and ') || 'none'})`
        : `the cgroup controller ${name} is not mounted (layout ${layout.mode})`;
    try {
      await access(folder, constants.W_OK);
      return undefined;
    } catch {
      return `${folder} cannot be written to; run the agent as root with cgroups mounted for writing`;
    }
  });
}

/** Why a trial failed; undefined when it did not. */
async function failureOf(run: typeof runCommand, args: readonly string[]): Promise<string | undefined> {
  try {
    await run('unshare', args, { timeoutMs: 10_000 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function versionOf(run: typeof runCommand, name: HostProgram): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(name, [VERSION_FLAGS[name] ?? '--version'], { timeoutMs: 10_000 });
    const [line] = (stdout || stderr).split('\n');
    return /\d+(\.\d+)+[^\s,]*/.exec(line)?.[0] ?? line;
  } catch {
    return undefined;
  }
}

async function activeModules(sysRoot: string): Promise<readonly string[]> {
  const list = await readIfThere(join(sysRoot, 'kernel/security/lsm'));
  if (list !== undefined) return list.trim().split(',').filter(Boolean);
  // Without a mounted securityfs the module itself still tells.
  const enabled = await readIfThere(join(sysRoot, 'module/apparmor/parameters/enabled'));
  return enabled?.trim() === 'Y' ? ['apparmor'] : [];
}

function capabilitiesIn(status: string): readonly string[] {
  const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const bits = BigInt(`0x${digits ?? '0'}`);
  return CAPABILITY_NAMES.filter((_, bit) => (bits >> BigInt(bit)) & 1n);
}

const LIMIT_LINES: Readonly<Record<ResourceLimit['name'], string>> = {
  core: 'Max core file size',
  cpu: 'Max cpu time',
  data: 'Max data size',
  fsize: 'Max file size',
  memlock: 'Max locked memory',
  nofile: 'Max open files',
  nproc: 'Max processes',
  stack: 'Max stack size',
};

/** CAP_SYS_RESOURCE lifts hard limits; that of open files still ends at `fs.nr_open`. */
function highestLimits(
  text: string,
  openFiles: number,
  capabilities: readonly string[],
): HostFacts['hardLimits'] {
  const mayRaise = capabilities.includes('CAP_SYS_RESOURCE');
  const lines = text.split('\n');
  const limit = (name: ResourceLimit['name']): number => {
    if (mayRaise) return name === 'nofile' ? openFiles : Infinity;
    const line = lines.find((each) => each.startsWith(LIMIT_LINES[name]));
    const hard = line?.slice(LIMIT_LINES[name].length).trim().split(/\s+/)[1];
    return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard);
  };
  return Object.fromEntries(
    Object.keys(LIMIT_LINES).map((name) => [name, limit(name as ResourceLimit['name'])]),
  ) as HostFacts['hardLimits'];
}

function isAtLeast(release: string, major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return ours > major || (ours === major && oursMinor >= minor);
}

async function mapAll<K extends string, V, R>(
  record: Readonly<Record<K, V>>,
  map: (value: V, key: K) => Promise<R>,
): Promise<Record<K, R>> {
  const entries = Object.entries(record) as [K, V][];
  const results = await Promise.all(entries.map(async ([key, value]) => [key, await map(value, key)]));
  return Object.fromEntries(results) as Record<K, R>;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
