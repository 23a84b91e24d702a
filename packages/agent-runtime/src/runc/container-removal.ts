/**
 * Frees all that a container holds but its logs, from whatever state it is in: also while the programs that a crashed
 * agent has started are still making it. Each step works from the id alone and may be repeated; errors are collected
 * and the rest is done all the same. The folder with the record goes last, so that what remains is found again.
 */
import { rm } from 'node:fs/promises';
import { killAll, removeCgroups } from '../host/cgroup-removal.ts';
import type { ContainerFolder } from './container-folder.ts';
import { unmountBelow } from './root-filesystem.ts';

/**
 * @param endMakers - ends what may still be making or watching over the container
 * @throws AggregateError when something is left
 */
export async function removeContainer(
  place: ContainerFolder,
  cgroups: readonly string[],
  endMakers: () => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(endMakers);
  await attempt(() => killAll(cgroups));
  await attempt(() => removeCgroups(cgroups));
  await attempt(() => unmountBelow(place.folder));
  await attempt(() => rm(place.runtime, { recursive: true, force: true }));
  await attempt(() => rm(place.exit, { force: true }));
  // What is mounted below would be emptied with the folder.
  if (errors.length === 0) await attempt(() => rm(place.folder, { recursive: true, force: true }));
  if (errors.length > 0)
    throw new AggregateError(
      errors,
      `Something of the container in ${place.folder} remains: ${texts(errors)}`,
    );
}

function texts(errors: readonly unknown[]): string {
  return errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
}
