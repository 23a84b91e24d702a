/**
 * What the host shows of the containers of one backend: folders, cgroups, processes and files that supervisors wrote.
 * Nothing is kept in memory, so it tells the same after a restart.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerExit, FoundContainer } from '../contract/container-backend.ts';
import { cgroupFoldersAt, type CgroupLayout, cgroupsAt } from '../host/cgroup-layout.ts';
import type { CgroupPaths } from '../host/cgroup.ts';
import { requireContainerId } from '../contract/container-id.ts';
import { readExit, readIfThere, readKillCount } from './container-exit.ts';
import { type BackendFolders, containerFolder, type ContainerFolder } from './container-folder.ts';
import { isSupervised } from './supervisor.ts';

/** A supervisor takes milliseconds from the end of its container to the file that tells it. */
const EXIT_POLL_MS = 10;
const MOST_EXIT_POLLS = 500;

export class ContainerTraces {
  readonly #folders: BackendFolders;
  readonly #layout: CgroupLayout;
  readonly #cgroupTop: string;

  /** @param cgroupTop - the cgroup above those of all containers */
  constructor(folders: BackendFolders, layout: CgroupLayout, cgroupTop: string) {
    this.#folders = folders;
    this.#layout = layout;
    this.#cgroupTop = cgroupTop;
  }

  /** @throws InvalidContainerError when the id is none: it becomes part of paths, which must not lead elsewhere */
  place(id: string): ContainerFolder {
    requireContainerId(id);
    return containerFolder(this.#folders, id);
  }

  cgroupPath(id: string): string {
    return `${this.#cgroupTop}/${id}`;
  }

  cgroups(id: string): CgroupPaths {
    return cgroupsAt(this.#layout, this.cgroupPath(id));
  }

  /** In all hierarchies, also those without a controller. */
  cgroupFolders(id: string): readonly string[] {
    return cgroupFoldersAt(this.#layout, this.cgroupPath(id));
  }

  /**
   * The condition of a container; undefined when there is no trace of it.
   * @param createdMs - when its record says that it was made
   */
  async find(id: string, createdMs: number | undefined): Promise<FoundContainer | undefined> {
    const place = this.place(id);
    const sinceMs = createdMs ?? (await this.#firstSeenMs(id));
    if (sinceMs === undefined) return undefined;
    for (let polls = 0; ; polls += 1) {
      // Asked before the file is looked for: a supervisor writes it before it ends.
      const isWatchedOver = await isSupervised(place);
      const pid = await this.processOf(id);
      const exit = await this.readExit(id);
      if (exit !== undefined) return { id, state: 'exited', exit, createdMs: sinceMs };
      if (pid !== undefined) {
        const isGated = await exists(join(place.runtime, 'exec.fifo'));
        // Nobody would tell how it ends; no code of the user has run.
        if (isGated && !isWatchedOver) return { id, state: 'remains', createdMs: sinceMs };
        const live = { pid, cgroups: this.cgroups(id) };
        return { id, state: isGated ? 'created' : 'running', live, createdMs: sinceMs };
      }
      const hasRun = (await readIfThere(place.pidFile)) !== '';
      if (!isWatchedOver || !hasRun || polls === MOST_EXIT_POLLS)
        return { id, state: 'remains', createdMs: sinceMs };
      await sleep(EXIT_POLL_MS);
    }
  }

  async readExit(id: string): Promise<ContainerExit | undefined> {
    const exitCode = await readExit(this.place(id));
    return exitCode === undefined ? undefined : { exitCode, outOfMemory: await this.ranOutOfMemory(id) };
  }

  async ranOutOfMemory(id: string): Promise<boolean> {
    const { memory } = this.cgroups(id).controllers;
    if (memory !== undefined && (await readKillCount(memory)) > 0) return true;
    return exists(join(this.place(id).persistent, 'oom'));
  }

  /** Undefined when it has ended; a process that is not in the container's cgroup is another one. */
  async processOf(id: string): Promise<number | undefined> {
    const pid = Number(await readIfThere(this.place(id).pidFile));
    if (!(pid > 0)) return undefined;
    const lines = (await readIfThere(`/proc/${pid}/cgroup`)).split('\n');
    return lines.some((line) => line.endsWith(`:${this.cgroupPath(id)}`)) ? pid : undefined;
  }

  /** Of whatever there is of a container without a record. */
  async #firstSeenMs(id: string): Promise<number | undefined> {
    const place = this.place(id);
    const paths = [place.folder, place.runtime, place.exit, ...this.cgroupFolders(id)];
    const found = await Promise.all(paths.map(modifiedMs));
    const times = found.filter((each) => each !== undefined);
    return times.length === 0 ? undefined : Math.floor(Math.min(...times));
  }
}

async function exists(path: string): Promise<boolean> {
  return (await modifiedMs(path)) !== undefined;
}

async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
