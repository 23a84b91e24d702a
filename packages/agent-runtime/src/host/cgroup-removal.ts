/**
 * Ends the processes of cgroups and removes their folders. A folder stays busy until the kernel has reaped the last
 * process, so removal tries again for a bounded time. Both are idempotent and go on after errors, which they throw
 * together at the end.
 * A cgroup in which this process itself is, is never touched: a wrong path must not end the host.
 */
import { access, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupPaths } from './cgroup.ts';

/** Absolute folders of cgroups, or all of one cgroup. */
export type CgroupFolders = CgroupPaths | readonly string[];

export interface RemoveOptions {
  /** Until a folder that stays busy is an error. Default 5,000 ms. */
  readonly timeoutMs?: number;
  /** Between two tries. Default 10 ms. */
  readonly pauseMs?: number;
}

export interface KillOptions extends RemoveOptions {
  /** Default `process.kill`. */
  readonly kill?: (pid: number, signal: NodeJS.Signals) => void;
}

/**
 * Removes the folders and all below them. Kills nothing.
 * @throws AggregateError with an error for each folder that is still there
 */
export async function removeCgroups(cgroups: CgroupFolders, options: RemoveOptions = {}): Promise<void> {
  const { timeoutMs = 5_000, pauseMs = 10 } = options;
  const deadline = performance.now() + timeoutMs;
  const errors: unknown[] = [];
  for (const folder of foldersOf(cgroups)) {
    for (;;) {
      try {
        await removeTree(folder);
        break;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EBUSY' || performance.now() >= deadline) {
          errors.push(error);
          break;
        }
        await sleep(pauseMs);
      }
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `Cgroups remain: ${texts(errors)}`);
}

/**
 * Sends SIGKILL to all processes in the cgroups and below, again and again until there are none.
 * @throws Error when this process is among them (nothing was killed then), or when some still live after the time-out
 */
export async function killAll(cgroups: CgroupFolders, options: KillOptions = {}): Promise<void> {
  const { timeoutMs = 5_000, pauseMs = 10, kill = (pid, signal) => process.kill(pid, signal) } = options;
  const deadline = performance.now() + timeoutMs;
  const folders = foldersOf(cgroups);
  for (;;) {
    const pids = await othersIn(folders);
    if (pids.length === 0) return;
    if (performance.now() >= deadline)
      throw new Error(`${folders[0]}: processes ${pids.join(', ')} do not end.`);
    await Promise.all(folders.map(killAtOnce));
    try {
      await freezeAll(folders, 'FROZEN');
      // Read again: the number of one that has ended meanwhile may be that of a stranger now, and what is frozen stays.
      for (const pid of await othersIn(folders)) signalIfThere(pid, kill);
    } finally {
      await freezeAll(folders, 'THAWED');
    }
    await sleep(pauseMs);
  }
}

/** @throws Error when this process is among them */
async function othersIn(folders: readonly string[]): Promise<readonly number[]> {
  const pids = await processesIn(folders);
  if (pids.includes(process.pid))
    throw new Error(`${folders.join(', ')}: this process is in the cgroup that it is to end.`);
  return pids;
}

/** Processes in the cgroups and below, in ascending order. Processes that this process cannot see are left out. */
export async function processesIn(cgroups: CgroupFolders): Promise<readonly number[]> {
  const pids = new Set<number>();
  for (const folder of foldersOf(cgroups)) {
    for (const each of await tree(folder)) {
      const text = await readIfThere(join(each, 'cgroup.procs'));
      for (const line of text.split('\n')) if (Number(line) > 0) pids.add(Number(line));
    }
  }
  return [...pids].sort((a, b) => a - b);
}

function foldersOf(cgroups: CgroupFolders): readonly string[] {
  const isList = (value: CgroupFolders): value is readonly string[] => Array.isArray(value);
  if (isList(cgroups)) return [...new Set(cgroups)];
  const { controllers, unified } = cgroups;
  return [...new Set([...Object.values(controllers), ...(unified === undefined ? [] : [unified])])];
}

/** Version 2 ends all at once, also processes that are just being forked; version 1 has no such file. */
async function killAtOnce(folder: string): Promise<void> {
  await writeIfThere(join(folder, 'cgroup.kill'), '1');
}

/** In version 1, so that nothing is forked between reading the list and the signals. */
async function freezeAll(folders: readonly string[], state: 'FROZEN' | 'THAWED'): Promise<void> {
  await Promise.all(folders.map((folder) => writeIfThere(join(folder, 'freezer.state'), state)));
}

function signalIfThere(pid: number, kill: (pid: number, signal: NodeJS.Signals) => void): void {
  try {
    kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function removeTree(folder: string): Promise<void> {
  const folders = await tree(folder);
  for (const each of folders.toReversed()) {
    try {
      await rmdir(each);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** The folder and all below, parents first; none when it is not there. */
async function tree(folder: string): Promise<readonly string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => tree(join(folder, entry.name))),
  );
  return [folder, ...below.flat()];
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

async function writeIfThere(path: string, text: string): Promise<void> {
  try {
    await access(path);
    await writeFile(path, text, { flag: 'r+' });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** A cgroup that is removed while it is used answers ENODEV. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENODEV';
}

function texts(errors: readonly unknown[]): string {
  return errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
}
