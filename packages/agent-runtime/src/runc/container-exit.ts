/** What files tell of a container's end. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerFolder } from './container-folder.ts';

/** 0 to 255; undefined while it has not ended, or when the supervisor could not write it. */
export async function readExit(place: ContainerFolder): Promise<number | undefined> {
  const text = await readIfThere(place.exit);
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** How many processes of this cgroup the kernel has ended for lack of memory: of version 1 or 2. */
export async function readKillCount(memoryFolder: string): Promise<number> {
  const texts = await Promise.all(
    ['memory.oom_control', 'memory.events'].map(async (name) => readIfThere(join(memoryFolder, name))),
  );
  return Number(/^oom_kill (\d+)$/m.exec(texts.join('\n'))?.[1] ?? 0);
}

/** Without white space around it; '' when the file is not there or its process is gone. */
export async function readIfThere(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENODEV') return '';
    throw error;
  }
}
