/**
 * Images that are folders on this host: used as the lower, unwritten part of roots. A task may read all that its folder
 * has, as user 0 of the folder, so only what an operator has named is taken.
 */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { InvalidContainerError, UnavailableError } from '../contract/container-backend.ts';
import type { Image } from '../contract/container-spec.ts';

/**
 * @param allowed - folders that tasks may use, with all below them
 * @throws InvalidContainerError when it is no folder, or has a name that overlay cannot take; UnavailableError when it
 * does not lie in an allowed one, links followed
 */
export async function checkFolderImage(path: string, allowed: readonly string[]): Promise<Image> {
  // Overlay takes colons between lower folders, and backslashes before special characters.
  if (!isAbsolute(path) || /[:\\,\0]/.test(path))
    throw new InvalidContainerError(`"${path}" must be an absolute path without colon, comma and backslash.`);
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory())
    throw new InvalidContainerError(`There is no folder ${path} on this host.`);
  const tops = await Promise.all(allowed.map((top) => realpath(top).catch(() => undefined)));
  if (!tops.some((top) => top !== undefined && !/^\.\.(?:\/|$)/.test(relative(top, real))))
    throw new UnavailableError(`${path} is not among the folders that this agent may take images from.`);
  return {
    id: real,
    entrypoint: [],
    command: [],
    environment: {},
    workingDirectory: '/',
    user: '',
    labels: {},
  };
}
