/**
 * One agent per state folder. Claims are numbered files `lock.<n>`, each with the number, start time and boot of a
 * process; the highest counts. Who finds that its holder has ended, also by a crash, claims the next number, which only
 * one process can: a file appears by a hard link, which never replaces another. A claim goes away only when a higher
 * one is there or the file `lock` remembers its number, so that none is used twice: who sees after its claim that it
 * was too slow steps back.
 */
import { AgentError } from '@stowage/protocol';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, unlink, writeFile } from 'node:fs/promises';
import { writeFileAtomically } from '../host/atomic-file.ts';
import { isRunning, readProcessIdentity, type ProcessIdentity } from '../host/process-identity.ts';
import { unlessMissing } from '../host/unless-missing.ts';

/** A state folder that this process works on. It does not end by itself meanwhile. @public */
export interface StateLock {
  /** Once; later calls do nothing. */
  release(): Promise<void>;
  /** Keeps the lock for as long as the process lives, and lets it end. */
  keep(): void;
}

/** @throws AgentError `STATE_FOLDER_LOCKED` */
export async function lockStateFolder(stateFolder: string): Promise<StateLock> {
  await mkdir(stateFolder, { recursive: true, mode: 0o711 });
  const own = `${stateFolder}/claim.${randomUUID()}`;
  await writeFile(own, JSON.stringify(await readProcessIdentity(process.pid)), { mode: 0o600 });
  let held: number | undefined;
  try {
    while (held === undefined) held = await claim(stateFolder, own);
  } finally {
    await unlink(own);
  }
  // An agent that only waits has nothing but timers that do not keep the process alive.
  const alive = setInterval(() => undefined, 2 ** 31 - 1);
  return {
    async release() {
      clearInterval(alive);
      if (held === undefined) return;
      await writeFileAtomically(usedPath(stateFolder), String(held));
      await unlessMissing(unlink(claimPath(stateFolder, held)));
      held = undefined;
    },
    keep: () => clearInterval(alive),
  };
}

/** @returns the number of the claim; undefined when another process was quicker */
async function claim(stateFolder: string, own: string): Promise<number | undefined> {
  const highest = await highestNumber(stateFolder);
  await refuseIfAlive(stateFolder, claimPath(stateFolder, highest));
  const mine = highest + 1;
  if (!(await isLinked(own, claimPath(stateFolder, mine)))) return undefined;
  const isHighest = (await highestNumber(stateFolder)) === mine;
  for (const number of await claims(stateFolder))
    if (isHighest ? number < mine : number === mine)
      await unlessMissing(unlink(claimPath(stateFolder, number)));
  return isHighest ? mine : undefined;
}

function claimPath(stateFolder: string, number: number): string {
  return `${stateFolder}/lock.${number}`;
}

function usedPath(stateFolder: string): string {
  return `${stateFolder}/lock`;
}

/** Of those that are claimed and those that were given back. */
async function highestNumber(stateFolder: string): Promise<number> {
  // In this order: what is given back meanwhile is first remembered and then goes away.
  const claimed = await claims(stateFolder);
  const used = Number((await unlessMissing(readFile(usedPath(stateFolder), 'utf8'))) ?? 0);
  return Math.max(0, used, ...claimed);
}

async function claims(stateFolder: string): Promise<readonly number[]> {
  return (await readdir(stateFolder))
    .map((name) => Number(/^lock\.([1-9][0-9]*)$/.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0);
}

async function refuseIfAlive(stateFolder: string, path: string): Promise<void> {
  const text = await unlessMissing(readFile(path, 'utf8'));
  const holder = text === undefined ? undefined : parse(text);
  if (holder !== undefined && (await isRunning(holder)))
    throw new AgentError(
      'STATE_FOLDER_LOCKED',
      `Process ${holder.pid} works on ${stateFolder}. End it, or use another folder.`,
    );
}

/** A claim is written before it gets its number; only a power loss leaves less, and no holder lives after that. */
function parse(text: string): ProcessIdentity | undefined {
  try {
    const holder = JSON.parse(text) as Partial<ProcessIdentity>;
    return holder.pid === undefined ? undefined : (holder as ProcessIdentity);
  } catch {
    return undefined;
  }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
