/**
 * What the runc backend can do on this host. Programs are looked for; mounting is tried for real, since kernels and
 * file systems differ in ways that no file tells.
 */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentFeature, FeatureState } from '@stowage/protocol';
import type { CgroupLayout } from '../host/cgroup-layout.ts';
import { cgroupsAt } from '../host/cgroup-layout.ts';
import type { CgroupController } from '../host/cgroup.ts';
import { CommandError, runCommand } from '../host/run-command.ts';
import { type BackendFolders, containerFolder } from './container-folder.ts';
import { endHelpers } from './helper-processes.ts';
import { mountRoot, unmountBelow } from './root-filesystem.ts';

/** Program by the Debian package that brings it. */
const PACKAGES = {
  runc: 'runc',
  conmon: 'conmon',
  perl: 'perl-base',
  skopeo: 'skopeo',
  umoci: 'umoci',
  mount: 'mount',
  'mkfs.ext4': 'e2fsprogs',
} as const;

const TRIAL = 'probe-';

type Program = keyof typeof PACKAGES;
type Report = Partial<Record<AgentFeature, FeatureState>>;
type Run = typeof runCommand;

/** Every feature that hangs on runc itself, and the controller it needs. */
const CONTROLLERS: readonly [AgentFeature, CgroupController][] = [
  ['cpu-shares', 'cpu'],
  ['cpu-quota', 'cpu'],
  ['cpu-sets', 'cpuset'],
  ['memory-limit', 'memory'],
  ['out-of-memory-report', 'memory'],
  ['pids-limit', 'pids'],
];

export async function probeRunc(
  folders: BackendFolders,
  layout: CgroupLayout,
  run: Run = runCommand,
): Promise<Report> {
  const outputs = new Map<Program, string>();
  const versionFlag = (program: Program): string => (program === 'mkfs.ext4' ? '-V' : '--version');
  await Promise.all(
    (Object.keys(PACKAGES) as Program[]).map(async (program) => {
      const result = await run(program, [versionFlag(program)]).catch((error: unknown) => error);
      if (!(result instanceof Error)) outputs.set(program, (result as { stdout: string }).stdout);
    }),
  );
  const missing = (...programs: readonly Program[]): FeatureState | undefined => {
    const absent = programs.filter((program) => !outputs.has(program));
    return absent.length === 0
      ? undefined
      : unavailable(
          `Install ${absent.map((program) => PACKAGES[program]).join(', ')}: ${absent.join(', ')} not found.`,
        );
  };

  const noContainers = missing('runc', 'conmon', 'perl', 'mount');
  const always = (detail: string): FeatureState => noContainers ?? enforced(detail);
  const { controllers } = cgroupsAt(layout, '/');
  const report: Report = {
    apparmor: unavailable('The runc backend sets no profile.'),
    seccomp: outputs.get('runc')?.includes('libseccomp')
      ? always('Allow lists of this backend, by runc and libseccomp.')
      : unavailable(
          noContainers?.detail ?? 'This runc was built without libseccomp; install the one of Debian.',
        ),
    capabilities: always('Bounding, permitted and effective set, by runc.'),
    'no-new-privileges': always('PR_SET_NO_NEW_PRIVS, by runc.'),
    'read-only-root': always('The root is mounted read-only, by runc.'),
    'resource-limits': always('setrlimit, by runc; not above the limits of the agent itself.'),
    'host-network': always('No network namespace is made.'),
    'launch-gate': always('runc makes the container and waits before it runs the command.'),
    'pre-stop': always("runc exec, with the container's user and walls."),
    'log-rotation': always('conmon opens a new file when the agent has renamed the old one.'),
  };
  for (const [feature, controller] of CONTROLLERS) {
    report[feature] =
      controllers[controller] === undefined
        ? unavailable(`No cgroup controller ${controller} is mounted.`)
        : always(`cgroup version ${layout.mode === 'v2' ? 2 : 1}, controller ${controller}.`);
  }
  const mounts = noContainers ?? (await tryMounts(folders, false, false));
  report['rootfs-folder'] = mounts;
  const closed = await closedParent(folders.containers);
  const ranges =
    noContainers ??
    (closed === undefined
      ? await tryMounts(folders, true, false)
      : unavailable(`Users of containers cannot walk through ${closed}; give it mode o+x.`));
  report['user-namespace'] = ranges;
  report['user-range-per-container'] = ranges;
  report['disk-limit'] = noContainers ?? missing('mkfs.ext4') ?? (await tryMounts(folders, false, true));
  return report;
}

/** What a crash during a probe has left. */
export async function removeTrials({ state }: BackendFolders): Promise<void> {
  for (const name of await readdir(state)) {
    if (name.startsWith(TRIAL)) await removeTrial(join(state, name));
  }
}

async function removeTrial(folder: string): Promise<void> {
  await endHelpers(folder);
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Mounts a root of one file as `create` would. */
async function tryMounts(
  folders: BackendFolders,
  shiftsUsers: boolean,
  limitsDisk: boolean,
): Promise<FeatureState> {
  const base = await mkdtemp(join(folders.state, TRIAL));
  const place = containerFolder({ ...folders, containers: base }, 'probe');
  const lower = join(base, 'lower');
  const range = shiftsUsers ? { index: 0, firstId: 2_000_000_000, size: 65_536 } : undefined;
  try {
    await mkdir(lower);
    await writeFile(join(lower, 'file'), '');
    await mkdir(place.folder);
    const diskBytes = limitsDisk ? 1024 * 1024 : undefined;
    await mountRoot(place, { lower, range, diskBytes, signal: AbortSignal.timeout(30_000) });
    const { uid } = await stat(join(place.root, 'file'));
    if (uid !== (range?.firstId ?? 0)) return unavailable(`A mount of the image shows user ${uid}.`);
    if (limitsDisk) return enforced('What is written lies in an ext4 file of that size.');
    return enforced(shiftsUsers ? 'Idmapped mount, and a range of users per container.' : 'Overlay mount.');
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return unavailable(`Mounting was tried and failed: ${error.stderr.trim()}`);
  } finally {
    await removeTrial(base);
  }
}

/** The first folder on the way that others may not walk through. */
async function closedParent(path: string): Promise<string | undefined> {
  const parent = dirname(path);
  const above = parent === path ? undefined : await closedParent(parent);
  return above ?? (((await stat(path)).mode & 0o001) === 0 ? path : undefined);
}

function enforced(detail: string): FeatureState {
  return { level: 'enforced', detail };
}

function unavailable(detail: string): FeatureState {
  return { level: 'unavailable', detail };
}
