/**
 * Tells a process from a later one with the same number: by its start time, and by the boot in which it ran.
 * Source: proc(5), `/proc/<pid>/stat`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcOptions } from './cgroup-layout.ts';

/** Plain data for a journal. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as decimal text. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** @returns undefined when there is no such process; one that has ended and was not waited for yet is there */
export async function readProcessIdentity(
  pid: number,
  options: ProcOptions = {},
): Promise<ProcessIdentity | undefined> {
  const stat = await readStat(pid, options);
  return stat && { pid, startTicks: stat.startTicks, bootId: await bootId(options) };
}

/** Whether this very process still runs; false for one that has ended and was not waited for yet. */
export async function isRunning(identity: ProcessIdentity, options: ProcOptions = {}): Promise<boolean> {
  if ((await bootId(options)) !== identity.bootId) return false;
  const stat = await readStat(identity.pid, options);
  return stat !== undefined && stat.startTicks === identity.startTicks && !'ZXx'.includes(stat.state);
}

/** Changes with each boot of the host. */
export async function bootId(options: ProcOptions = {}): Promise<string> {
  const { procRoot = '/proc' } = options;
  return (await readFile(join(procRoot, 'sys/kernel/random/boot_id'), 'utf8')).trim();
}

interface Stat {
  readonly state: string;
  readonly startTicks: string;
}

async function readStat(pid: number, { procRoot = '/proc' }: ProcOptions): Promise<Stat | undefined> {
  let text: string;
  try {
    text = await readFile(join(procRoot, String(pid), 'stat'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], startTicks: fields[19] };
}
