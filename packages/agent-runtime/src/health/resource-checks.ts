/**
 * What runs out on a host: disk space, inodes, memory. Containers are limited each, but images, logs and the journal
 * share the disk, and without memory to spare the agent itself cannot clean up.
 */
import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { HealthCheck } from './health-check.ts';

/** @public */
export interface DiskCheckOptions {
  readonly folders: readonly string[];
  /** Default 1,024. */
  readonly minFreeMiB?: number;
  /** Not looked at on file systems that make inodes as they need them. Default 10,000. */
  readonly minFreeInodes?: number;
  readonly statfs?: (path: string) => Promise<{
    readonly bavail: number;
    readonly bsize: number;
    readonly files: number;
    readonly ffree: number;
  }>;
}

/** Every folder is there and has space and inodes for more. @public */
export function diskCheck(options: DiskCheckOptions): HealthCheck {
  const { folders, minFreeMiB = 1_024, minFreeInodes = 10_000, statfs: stat = statfs } = options;
  const shortage = async (folder: string): Promise<readonly string[]> => {
    const { bavail, bsize, files, ffree } = await stat(folder);
    const freeMiB = Math.floor((bavail * bsize) / 2 ** 20);
    return [
      ...(freeMiB < minFreeMiB ? [`${folder} has ${freeMiB} MiB free, needs ${minFreeMiB}`] : []),
      ...(files > 0 && ffree < minFreeInodes
        ? [`${folder} has ${ffree} inodes free, needs ${minFreeInodes}`]
        : []),
    ];
  };
  return {
    name: 'disk',
    run: async () => {
      const found = (await Promise.all(folders.map(shortage))).flat();
      if (found.length > 0) throw new Error(found.join('; '));
    },
  };
}

/** @public */
export interface MemoryCheckOptions {
  /** Default 256. */
  readonly minAvailableMiB?: number;
  /**
   * Share of the last minute in which all runnable processes waited for memory. Not looked at where the kernel does not
   * tell it, nor while a tenth of the host's memory is available: then a container waits at a limit of its own. Default 40.
   */
  readonly maxStalledPercent?: number;
  /** Default `/proc`. */
  readonly procRoot?: string;
}

/** The host has memory left, and its processes do not spend their time waiting for it. @public */
export function memoryCheck(options: MemoryCheckOptions = {}): HealthCheck {
  const { minAvailableMiB = 256, maxStalledPercent = 40, procRoot = '/proc' } = options;
  return {
    name: 'memory',
    run: async () => {
      const text = await readFile(join(procRoot, 'meminfo'), 'utf8');
      const kiB = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
      if (kiB === undefined) throw new Error('/proc/meminfo does not tell MemAvailable');
      const availableMiB = Math.floor(Number(kiB) / 1_024);
      if (availableMiB < minAvailableMiB)
        throw new Error(`${availableMiB} MiB of memory are available, needs ${minAvailableMiB}`);
      const totalMiB = Number(/^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1]) / 1_024;
      if (availableMiB >= totalMiB / 10) return;
      const stalled = await stalledPercent(join(procRoot, 'pressure/memory'));
      if (stalled !== undefined && stalled > maxStalledPercent)
        throw new Error(`all processes waited for memory ${stalled} % of the last minute`);
    },
  };
}

/** Undefined where the kernel was built or booted without pressure stall information. */
async function stalledPercent(path: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  const average = /^full .*avg60=([\d.]+)/m.exec(text)?.[1];
  return average === undefined ? undefined : Number(average);
}
