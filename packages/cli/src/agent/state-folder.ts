/** Where the agent of one command keeps its state: a folder that the user names and keeps, or one that goes again. */
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface StateFolder {
  readonly path: string;
  /** Whether it was made for this command. */
  readonly isTemporary: boolean;
  /**
   * Removes it, if it was made for this command.
   * @throws Error while something is mounted below it, which removing would reach into
   */
  remove(): Promise<void>;
}

/** @param given - relative to `workingFolder` */
export async function openStateFolder(
  given: string | undefined,
  workingFolder: string,
): Promise<StateFolder> {
  if (given !== undefined)
    return { path: resolve(workingFolder, given), isTemporary: false, remove: () => Promise.resolve() };
  const path = await realpath(await mkdtemp(join(tmpdir(), 'stowage-agent-')));
  // Users of containers pass through it on the way to their root file system.
  await chmod(path, 0o711);
  return { path, isTemporary: true, remove: () => removeFolder(path) };
}

async function removeFolder(path: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${path}/`));
  if (mounts.length > 0)
    throw new Error(
      `${path} is kept, because ${mounts.join(' and ')} is still mounted. Unmount and remove it.`,
    );
  await rm(path, { recursive: true, force: true });
}
