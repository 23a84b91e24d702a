/**
 * Mounts and unmounts the root of a container: an overlay over the image, which is never written. Writes go to a folder
 * of the container, or to a file system of limited size in a sparse file when its disk is limited.
 * Unmounting reads the host's list of mounts, so it works from any half-done state.
 */
import { chmod, chown, mkdir, open, readFile } from 'node:fs/promises';
import { InvalidContainerError } from '../contract/container-backend.ts';
import { runCommand } from '../host/run-command.ts';
import type { ContainerFolder } from './container-folder.ts';
import { ROOT_MOUNT_SCRIPT } from './idmap-script.ts';
import type { UserRange } from './user-ranges.ts';

/** Below this an ext4 file system has no room for its own books. */
const LEAST_DISK_BYTES = 1024 * 1024;

export interface RootFilesystemOptions {
  readonly lower: string;
  readonly range: UserRange | undefined;
  readonly diskBytes: number | undefined;
  readonly signal: AbortSignal;
}

/** The folders in `place` are new ones. */
export async function mountRoot(place: ContainerFolder, options: RootFilesystemOptions): Promise<void> {
  const { lower, range, diskBytes, signal } = options;
  await Promise.all([mkdir(place.root), mkdir(place.idmapped), mkdir(place.disk, { mode: 0o700 })]);
  if (diskBytes !== undefined) await mountDisk(place, diskBytes, signal);
  await Promise.all([mkdir(place.upper), mkdir(place.work)]);
  if (range !== undefined) {
    await chown(place.upper, range.firstId, range.firstId);
    await chown(place.work, range.firstId, range.firstId);
  }
  await chmod(place.upper, 0o755);
  const ids = range === undefined ? ['0', '0'] : [String(range.firstId), String(range.size)];
  const paths = [lower, place.idmapped, place.root, place.upper, place.work];
  await runCommand('perl', ['-e', ROOT_MOUNT_SCRIPT, ...paths, ...ids], { signal });
}

async function mountDisk(place: ContainerFolder, diskBytes: number, signal: AbortSignal): Promise<void> {
  if (diskBytes < LEAST_DISK_BYTES)
    throw new InvalidContainerError(`A disk of ${diskBytes} bytes is too small; ask for at least 1 MiB.`);
  const file = await open(place.diskImage, 'wx', 0o600);
  try {
    await file.truncate(diskBytes);
  } finally {
    await file.close();
  }
  const format = ['-q', '-F', '-m', '0', '-O', '^has_journal', '-E', 'lazy_itable_init=1', place.diskImage];
  await runCommand('mkfs.ext4', format, { signal });
  await runCommand('mount', ['-t', 'ext4', '-o', 'loop,nosuid,nodev', place.diskImage, place.disk], {
    signal,
  });
  await chmod(place.disk, 0o700);
}

/** Unmounts all at and below a folder, the newest first. Idempotent. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folder);
  if (mounts.length === 0) return;
  try {
    await runCommand('umount', mounts);
  } catch {
    // Something still holds one of them; detached ones go away with their last user. What fails now is an error.
    const left = mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folder);
    if (left.length > 0) await runCommand('umount', ['--lazy', ...left]);
  }
}

/** Mount points at and below a folder, the newest first. */
export function mountsBelow(mountinfo: string, folder: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .reverse();
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
