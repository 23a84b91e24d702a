/**
 * Finds out how this host mounts its cgroups, and where the cgroup of a process or of a known path lies. Version 1 has
 * a hierarchy per controller, version 2 one for all; a hybrid host has both, and container runtimes make folders in
 * both. Nothing is assumed about mount points: all is read from `mountinfo` and `/proc/<pid>/cgroup` (man 7 cgroups),
 * so that bind mounts and cgroup namespaces work as well.
 */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { CgroupController, CgroupPaths } from './cgroup.ts';

/** One mounted hierarchy. @public */
export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** In version 1 also `name=systemd` and the like; in version 2 what the root's `cgroup.controllers` lists. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The cgroup that is seen at the mount point; `/` unless a part was mounted. */
  readonly root: string;
}

/** @public */
export interface CgroupLayout {
  /** `none`: no hierarchy is mounted. `hybrid`: controllers in version 1, and a version 2 beside it. */
  readonly mode: 'v1' | 'v2' | 'hybrid' | 'none';
  readonly hierarchies: readonly CgroupHierarchy[];
  /** Versions that the kernel knows, mounted or not. */
  readonly supported: readonly (1 | 2)[];
}

export interface ProcOptions {
  /** Default `/proc`. */
  readonly procRoot?: string;
}

/** Controllers under the names of version 1, with their names in version 2; `''` is part of every cgroup there. */
const CONTROLLERS: Readonly<Record<CgroupController, string>> = {
  cpu: 'cpu',
  cpuacct: '',
  cpuset: 'cpuset',
  memory: 'memory',
  pids: 'pids',
  blkio: 'io',
  freezer: '',
};

const CONTROLLER_NAMES = Object.keys(CONTROLLERS) as readonly CgroupController[];

/** @throws the error of the file system when `/proc` cannot be read */
export async function readCgroupLayout(options: ProcOptions = {}): Promise<CgroupLayout> {
  const { procRoot = '/proc' } = options;
  const [mounts, filesystems] = await Promise.all([
    readFile(join(procRoot, 'self/mountinfo'), 'utf8'),
    readFile(join(procRoot, 'filesystems'), 'utf8'),
  ]);
  const readable = await Promise.all(uniqueMounts(parseMounts(mounts)).map(readHierarchy));
  const hierarchies = readable.filter((each) => each !== undefined);
  const known = new Set(filesystems.split('\n').map((line) => line.split('\t').at(-1)));
  return {
    mode: modeOf(hierarchies),
    hierarchies,
    supported: [
      ...(known.has('cgroup') ? ([1] as const) : []),
      ...(known.has('cgroup2') ? ([2] as const) : []),
    ],
  };
}

/**
 * Where a process is. Its cgroup may differ from controller to controller in version 1; a controller in whose mount
 * it is not visible is left out.
 * @returns undefined when there is no such process
 */
export async function findCgroupsOfProcess(
  pid: number | 'self',
  options: ProcOptions & { readonly layout?: CgroupLayout } = {},
): Promise<CgroupPaths | undefined> {
  const { procRoot = '/proc' } = options;
  const layout = options.layout ?? (await readCgroupLayout(options));
  let text: string;
  try {
    text = await readFile(join(procRoot, String(pid), 'cgroup'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  const pathOf = new Map<string, string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, controllers = '', ...path] = line.split(':');
    for (const controller of controllers.split(',')) pathOf.set(controller, path.join(':'));
  }
  return pathsIn(layout, (hierarchy, controller) => {
    const path = pathOf.get(hierarchy.version === 2 ? '' : controller);
    return path === undefined ? undefined : folderOf(hierarchy, path);
  });
}

/**
 * As `findCgroupsOfProcess`.
 * @throws Error when there is no such process
 */
export async function cgroupsOfProcess(
  pid: number | 'self',
  options: ProcOptions & { readonly layout?: CgroupLayout } = {},
): Promise<CgroupPaths> {
  const paths = await findCgroupsOfProcess(pid, options);
  if (paths === undefined) throw new Error(`There is no process ${pid}.`);
  return paths;
}

/**
 * Where a cgroup lies, or would lie, that has this path in every hierarchy.
 * @param path - from the top of the hierarchies, as `/stowage/<id>`
 */
export function cgroupsAt(layout: CgroupLayout, path: string): CgroupPaths {
  return pathsIn(layout, (hierarchy) => folderOf(hierarchy, path));
}

/**
 * The same as plain folders, in all hierarchies: also those without a controller of ours (`devices`, `name=systemd`,
 * the version 2 of a hybrid host), in which runtimes make cgroups too. What is to be removed is in this list.
 */
export function cgroupFoldersAt(layout: CgroupLayout, path: string): readonly string[] {
  const folders = layout.hierarchies.map((hierarchy) => folderOf(hierarchy, path));
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function pathsIn(
  layout: CgroupLayout,
  find: (hierarchy: CgroupHierarchy, controller: CgroupController) => string | undefined,
): CgroupPaths {
  const version = layout.mode === 'v2' ? 2 : 1;
  const controllers: Partial<Record<CgroupController, string>> = {};
  for (const controller of CONTROLLER_NAMES) {
    const name = version === 1 ? controller : CONTROLLERS[controller];
    const hierarchy = layout.hierarchies.find(
      (each) => each.version === version && (name === '' || each.controllers.includes(name)),
    );
    const folder = hierarchy && find(hierarchy, controller);
    if (folder !== undefined) controllers[controller] = folder;
  }
  const beside = version === 1 ? layout.hierarchies.find((each) => each.version === 2) : undefined;
  const unified = beside && find(beside, 'cpu');
  return { version, controllers, ...(unified !== undefined && { unified }) };
}

/** Undefined when the path is not below what the mount shows. */
function folderOf(hierarchy: CgroupHierarchy, path: string): string | undefined {
  const below = posix.relative(hierarchy.root, posix.normalize(path));
  return below === '..' || below.startsWith('../') ? undefined : posix.join(hierarchy.mountPoint, below);
}

function modeOf(hierarchies: readonly CgroupHierarchy[]): CgroupLayout['mode'] {
  const hasV2 = hierarchies.some(({ version }) => version === 2);
  const hasV1 = hierarchies.some(
    ({ version, controllers }) =>
      version === 1 && CONTROLLER_NAMES.some((name) => controllers.includes(name)),
  );
  if (hasV1) return hasV2 ? 'hybrid' : 'v1';
  return hasV2 ? 'v2' : 'none';
}

interface Mount {
  readonly root: string;
  readonly mountPoint: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** Lines are `id parent device root mountPoint options [optional]… - type source superOptions`. */
function parseMounts(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [front, back] = line.split(' - ');
    if (back === undefined) continue;
    const [type, , superOptions = ''] = back.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const [, , , root, mountPoint] = front.split(' ').map(unescapeOctal);
    const controllers = superOptions.split(',').filter((each) => !MOUNT_FLAGS.has(each));
    mounts.push({
      root,
      mountPoint,
      version: type === 'cgroup' ? 1 : 2,
      controllers: type === 'cgroup' ? controllers : [],
    });
  }
  return mounts;
}

const MOUNT_FLAGS: ReadonlySet<string> = new Set(['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'none']);

/** A hierarchy may be mounted at several places; the mount that shows most of it counts, then the first. */
function uniqueMounts(mounts: readonly Mount[]): readonly Mount[] {
  const best = new Map<string, Mount>();
  for (const mount of mounts) {
    const key = `${mount.version}:${mount.controllers.join(',')}`;
    const other = best.get(key);
    if (other === undefined || mount.root.length < other.root.length) best.set(key, mount);
  }
  return [...best.values()];
}

/** Undefined when another mount hides it. */
async function readHierarchy(mount: Mount): Promise<CgroupHierarchy | undefined> {
  if (mount.version === 1) return mount;
  let text: string;
  try {
    text = await readFile(join(mount.mountPoint, 'cgroup.controllers'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return { ...mount, controllers: text.split(/\s+/).filter((each) => each !== '') };
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
