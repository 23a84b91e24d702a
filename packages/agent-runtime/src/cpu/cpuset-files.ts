/**
 * The cpuset of a cgroup as a file. In version 1 a cgroup must hold all CPUs of the cgroups in it, and a change that
 * breaks this is refused; so with cgroups inside, the set is widened, then theirs are written, then it is narrowed.
 * Version 2 has no such rule. A write takes effect at once for running processes.
 */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ascending, formatCpuList, parseCpuList, sameCpus } from './cpu-list.ts';

const FILE = 'cpuset.cpus';
const EFFECTIVE_FILE = 'cpuset.cpus.effective';

/** A cgroup with the controller `cpuset`. */
export interface CpusetFolder {
  readonly path: string;
  readonly version: 1 | 2;
}

/** What the facility needs of cgroup files; tests let it fail. */
export interface CpusetFiles {
  /** @throws an error with code `ENOENT` or `ENODEV` when the cgroup is gone */
  read(folder: CpusetFolder): Promise<number[]>;
  /** @throws as `read`; the kernel's error when it refuses the set */
  write(folder: CpusetFolder, cpus: readonly number[]): Promise<void>;
}

export function cpusetFiles(): CpusetFiles {
  const read = async ({ path, version }: CpusetFolder): Promise<number[]> => {
    const own = parseCpuList(await readFile(join(path, FILE), 'utf8'));
    // In version 2 an empty set means that of the parent.
    return own.length > 0 || version === 1
      ? own
      : parseCpuList(await readFile(join(path, EFFECTIVE_FILE), 'utf8'));
  };
  const write = async (folder: CpusetFolder, cpus: readonly number[]): Promise<void> => {
    const inner = folder.version === 1 ? await innerFolders(folder) : [];
    if (inner.length > 0) {
      const now = await read(folder);
      const wide = ascending(new Set([...now, ...cpus]));
      if (!sameCpus(wide, now)) await writeList(folder.path, wide);
      for (const each of inner) await ignoringGone(write(each, cpus));
    }
    await writeList(folder.path, cpus);
  };
  return { read, write };
}

/** Whether an error says that the cgroup is not there any more. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENODEV';
}

async function innerFolders({ path, version }: CpusetFolder): Promise<CpusetFolder[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ path: join(path, name), version }));
}

async function ignoringGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function writeList(path: string, cpus: readonly number[]): Promise<void> {
  // Not `w`: that asks to create the file, which a cgroup answers in other ways than "gone".
  const file = await open(join(path, FILE), 'r+');
  try {
    await file.write(`${formatCpuList(cpus)}\n`);
  } catch (error) {
    if (isGone(error)) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Error(
      `The kernel refuses CPUs ${formatCpuList(cpus)} for ${path} (${code}). See that its parent cgroup has them, or reserve them.`,
      { cause: error },
    );
  } finally {
    await file.close();
  }
}
