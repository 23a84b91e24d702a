/**
 * What a container uses, in numbers read from its cgroups and its network namespace. A number that the host does not
 * tell is left out and never replaced by 0; a container that goes away while it is read has few numbers or none.
 * Sources: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst, accounting/psi.rst, proc(5).
 */
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupPaths } from '../host/cgroup.ts';
import { NUMBERS_V1, NUMBERS_V2, PRESSURE_FILES } from './cgroup-numbers.ts';
import type { ContainerUsage } from './usage-numbers.ts';

/** @public */
export interface UsageSubject {
  /** Of its first process, in the host's numbering. */
  readonly pid: number;
  readonly cgroups: CgroupPaths;
}

/**
 * @param options.procRoot - default `/proc`
 * @throws the error of the file system, but not when files are missing
 * @public
 */
export async function readContainerUsage(
  { pid, cgroups }: UsageSubject,
  options: { readonly procRoot?: string } = {},
): Promise<ContainerUsage> {
  const { procRoot = '/proc' } = options;
  const { controllers, unified, version } = cgroups;
  const pressureFolder = version === 2 ? controllers.cpuacct : unified;
  const parts = await Promise.all([
    ...(version === 1 ? NUMBERS_V1 : NUMBERS_V2).map(({ controller, file, parse }) =>
      parsed(controllers[controller], file, parse),
    ),
    ...Object.entries(PRESSURE_FILES).map(([file, parse]) => parsed(pressureFolder, file, parse)),
    networkNumbers(pid, procRoot),
  ]);
  return Object.assign({}, ...parts) as ContainerUsage;
}

async function parsed(
  folder: string | undefined,
  file: string,
  parse: (text: string) => ContainerUsage,
): Promise<ContainerUsage> {
  const text = folder === undefined ? undefined : await readIfThere(join(folder, file));
  return text === undefined ? {} : withoutGaps(parse(text));
}

/** None for a container in the agent's own network: those numbers are the host's. */
async function networkNumbers(pid: number, procRoot: string): Promise<ContainerUsage> {
  const [text, own, its] = await Promise.all([
    readIfThere(join(procRoot, String(pid), 'net/dev')),
    linkIfThere(join(procRoot, 'self/ns/net')),
    linkIfThere(join(procRoot, String(pid), 'ns/net')),
  ]);
  if (text === undefined || its === undefined || its === own) return {};
  const sum = (column: number): number => rows.reduce((total, row) => total + Number(row[column]), 0);
  const rows = text
    .split('\n')
    .slice(2)
    .map((line) => line.split(':'))
    .filter(([name, numbers]) => numbers !== undefined && name.trim() !== 'lo')
    .map(([, numbers]) => numbers.trim().split(/\s+/));
  return {
    networkReceiveBytes: sum(0),
    networkReceivePackets: sum(1),
    networkReceiveDrops: sum(3),
    networkTransmitBytes: sum(8),
    networkTransmitPackets: sum(9),
    networkTransmitDrops: sum(11),
  };
}

/** A file in another form than expected gives gaps, which are no numbers. */
function withoutGaps(usage: ContainerUsage): ContainerUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => Number.isFinite(value)));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Undefined also where this process has no right to see it. */
async function linkIfThere(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isGone(error) || (error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  }
}

/** Cgroups that go answer ENODEV, processes that go ESRCH; pressure that is switched off answers EOPNOTSUPP. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ENODEV', 'ESRCH', 'EOPNOTSUPP', 'EINVAL'].includes(code ?? '');
}
