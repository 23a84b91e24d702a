/**
 * Containers with runc and no daemon: images by skopeo and umoci, a root by overlay and idmapped mount, a conmon per
 * container that outlives the agent. All state lies in one folder, and this is its only writer.
 * Removal does by itself what `runc delete` would (folders, cgroups), which saves a program per container and also
 * works where runc knows nothing of the container yet.
 */
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AgentError,
  type AgentFeature,
  type FeatureState,
  type LogChunk,
  type LogQuery,
  type TaskImage,
} from '@stowage/protocol';
import {
  type CommandEnd,
  type ContainerBackend,
  type ContainerExit,
  type FoundContainer,
  InvalidContainerError,
  type LiveContainer,
} from '../contract/container-backend.ts';
import type { ContainerSpec, Image } from '../contract/container-spec.ts';
import { cgroupFoldersAt, type CgroupLayout, cgroupsAt, readCgroupLayout } from '../host/cgroup-layout.ts';
import { killAll } from '../host/cgroup-removal.ts';
import { isContainerId } from '../contract/container-id.ts';
import { CommandError, runCommand } from '../host/run-command.ts';
import { readCriLog } from '../logs/cri-log-files.ts';
import { runInContainer } from './container-command.ts';
import {
  type BackendFolders,
  backendFolders,
  type ContainerFolder,
  type ContainerRecord,
} from './container-folder.ts';
import { removeContainer } from './container-removal.ts';
import { ExitWatch } from './exit-watch.ts';
import { checkFolderImage } from './folder-image.ts';
import { writeContainerFiles } from './generated-files.ts';
import { ImageStore, type ImageStoreOptions } from './image-store.ts';
import { LogRotation } from './log-rotation.ts';
import { ociConfig } from './oci-config.ts';
import { mountRoot } from './root-filesystem.ts';
import { probeRunc, removeTrials } from './runc-probe.ts';
import { readExit, readIfThere } from './container-exit.ts';
import { ContainerTraces } from './container-traces.ts';
import { endHelpers } from './helper-processes.ts';
import { endSupervisor, isSupervised, reopenLog, startSupervised } from './supervisor.ts';
import { lookUpUser } from './user-lookup.ts';
import { type UserRangeOptions, UserRanges } from './user-ranges.ts';

/** @public */
export interface RuncBackendOptions {
  /** Absolute; made if missing. Users of containers walk through it, so it and its parents need mode o+x. */
  readonly stateFolder: string;
  /** Letters, digits and `-`; names the cgroups of this agent, `/stowage-<owner>/<id>`. Default `agent`. */
  readonly owner?: string;
  readonly images?: ImageStoreOptions;
  /** Folders from which, with all below them, tasks may take their root. Default: none, and no task may. */
  readonly imageFolders?: readonly string[];
  readonly userRanges?: UserRangeOptions;
}

const INVALID = 'INVALID_OPTION';
/** Not a container id, which begins with a letter or digit. */
const SUPERVISORS = '_supervisors';

/** @public */
export class RuncBackend implements ContainerBackend {
  readonly name = 'runc';
  readonly #folders: BackendFolders;
  readonly #cgroupTop: string;
  readonly #layout: CgroupLayout;
  readonly #traces: ContainerTraces;
  readonly #images: ImageStore;
  readonly #imageFolders: readonly string[];
  readonly #ranges: UserRanges;
  readonly #exits: ExitWatch;
  readonly #rotation = new LogRotation();
  /** By id, of the containers whose records are on disk. */
  readonly #records = new Map<string, ContainerRecord>();

  /** Made from beginning to end by this very process, so that nothing else is still at it. */
  readonly #complete = new Set<string>();
  /** While the folders above all cgroups are removed, no container may be made in them. */
  #topRemoval: Promise<void> = Promise.resolve();

  private constructor(options: RuncBackendOptions, layout: CgroupLayout) {
    this.#folders = backendFolders(options.stateFolder);
    this.#cgroupTop = `/stowage-${options.owner ?? 'agent'}`;
    this.#layout = layout;
    this.#traces = new ContainerTraces(this.#folders, layout, this.#cgroupTop);
    this.#images = new ImageStore(this.#folders.images, options.images);
    this.#imageFolders = options.imageFolders ?? [];
    this.#ranges = new UserRanges(options.userRanges);
    this.#exits = new ExitWatch(this.#folders.exits);
  }

  /** @throws AgentError `INVALID_OPTION` when an option is out of range; the error of the file system when the folder cannot be used */
  static async open(options: RuncBackendOptions): Promise<RuncBackend> {
    if (!/^\/[\w./-]*$/.test(options.stateFolder))
      throw new AgentError(INVALID, 'stateFolder must be absolute, of letters, digits and . _ - only.');
    if (options.owner !== undefined && !/^[A-Za-z0-9-]{1,40}$/.test(options.owner))
      throw new AgentError(INVALID, 'owner must be 1 to 40 letters, digits or -.');
    const backend = new RuncBackend(options, await readCgroupLayout());
    await backend.#load();
    return backend;
  }

  async probe(): Promise<Partial<Record<AgentFeature, FeatureState>>> {
    const report = await probeRunc(this.#folders, this.#layout);
    if (this.#imageFolders.length > 0) return report;
    const detail = 'No folder of this host was named from which tasks may take images (imageFolders).';
    return { ...report, 'rootfs-folder': { level: 'unavailable', detail } };
  }

  async pull(image: TaskImage, signal: AbortSignal): Promise<Image> {
    if (image.kind === 'folder') return checkFolderImage(image.path, this.#imageFolders);
    const pulled = await this.#images.pull(image.reference, signal);
    const inUse = new Set([...this.#records.values()].map(({ imageId }) => imageId));
    await this.#images.removeUnused(inUse.add(pulled.id));
    return pulled;
  }

  async create(spec: ContainerSpec, signal: AbortSignal): Promise<LiveContainer> {
    const place = this.#traces.place(spec.id);
    const found = await this.#find(spec.id);
    if (found?.state === 'created') return found.live;
    if (found !== undefined) await this.remove(spec.id);
    signal.throwIfAborted();

    const lower = spec.image.digest === undefined ? spec.image.id : this.#images.rootOf(spec.image.id);
    const user = await lookUpUser(lower, spec.user);
    const range = spec.security.userNamespace ? this.#ranges.take() : undefined;
    const record: ContainerRecord = {
      id: spec.id,
      imageId: spec.image.id,
      createdMs: Date.now(),
      ...(range !== undefined && { rangeIndex: range.index }),
      maxFileBytes: spec.logs.maxFileBytes,
      maxFiles: spec.logs.maxFiles,
    };
    this.#records.set(spec.id, record);
    await mkdir(place.folder, { mode: range === undefined ? 0o700 : 0o711 });
    // Whole or not there; a flush of the disk is of no use, for the container does not survive what it would.
    await writeFile(`${place.record}.tmp`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${place.record}.tmp`, place.record);
    const [files] = await allSettled([
      writeContainerFiles(place, spec.hostname, range),
      mountRoot(place, { lower, range, diskBytes: spec.diskBytes, signal }),
      mkdir(place.persistent, { mode: 0o700 }),
      mkdir(place.logs, { recursive: true, mode: 0o700 }),
    ]);
    const config = ociConfig({
      spec,
      user,
      range,
      rootPath: place.root,
      cgroupPath: this.#traces.cgroupPath(spec.id),
      limitsSwap: await this.#countsSwap(),
      files,
    });
    await writeFile(join(place.bundle, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    await this.#topRemoval;
    const pid = await startSupervised(spec.id, this.#folders, place, spec.logs, signal);
    await this.#moveSupervisor(place);
    this.#complete.add(spec.id);
    this.#watchLog(record, place);
    return { pid, cgroups: this.#traces.cgroups(spec.id) };
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    const found = await this.#find(id);
    if (found === undefined || found.state === 'remains')
      throw new Error(`There is no container ${id} to be started.`);
    if (found.state !== 'created') return;
    try {
      await runCommand('runc', ['--root', this.#folders.runtime, 'start', id], { signal });
    } catch (error) {
      if (error instanceof CommandError && /exec format error|executable file not found/.test(error.stderr))
        throw new InvalidContainerError(`The command of ${id} is no program: ${error.stderr.trim()}`, {
          cause: error,
        });
      throw error;
    }
  }

  async wait(id: string, signal: AbortSignal): Promise<ContainerExit> {
    const place = this.#traces.place(id);
    for (;;) {
      signal.throwIfAborted();
      // Asked before the file is looked for: a supervisor writes it before it ends.
      const isWatchedOver = await isSupervised(place);
      const exit = await this.#traces.readExit(id);
      if (exit !== undefined) return exit;
      if (!isWatchedOver) {
        // Nothing will tell how it ends, and its output goes nowhere.
        const outOfMemory = await this.#traces.ranOutOfMemory(id);
        await killAll(this.#traces.cgroupFolders(id));
        return { outOfMemory };
      }
      await this.#exits.next(id, signal);
    }
  }

  async signal(id: string, signal: string): Promise<void> {
    const pid = await this.#traces.processOf(id);
    if (pid === undefined || (await readExit(this.#traces.place(id))) !== undefined) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  async exec(id: string, args: readonly string[], signal: AbortSignal): Promise<CommandEnd> {
    const found = await this.#find(id);
    if (found?.state !== 'running') throw new Error(`There is no running container ${id} for a command.`);
    const { folder } = this.#traces.place(id);
    const container = { id, runtimeFolder: this.#folders.runtime, folder, firstPid: found.live.pid };
    return runInContainer(container, args, signal);
  }

  async remove(id: string): Promise<void> {
    this.#rotation.unwatch(id);
    const place = this.#traces.place(id);
    // Looking through all processes costs more than the rest of the removal.
    const endMakers = async (): Promise<void> =>
      this.#complete.has(id) ? endSupervisor(place) : endHelpers(place.folder);
    await removeContainer(place, this.#traces.cgroupFolders(id), endMakers);
    this.#complete.delete(id);
    const record = this.#records.get(id);
    this.#records.delete(id);
    if (record?.rangeIndex !== undefined) this.#ranges.free(record.rangeIndex);
    if (this.#records.size > 0) return;
    this.#topRemoval = this.#removeTop();
    await this.#topRemoval;
  }

  async list(): Promise<readonly FoundContainer[]> {
    const ids = new Set([
      ...(await readdir(this.#folders.containers)),
      ...(await readdir(this.#folders.runtime)),
    ]);
    for (const folder of this.#topFolders()) {
      for (const entry of await foldersIn(folder)) ids.add(entry);
    }
    // Neither the cgroup of the supervisors, nor what a file system or an operator has put there, is a container.
    const own = [...ids].filter(isContainerId).sort();
    const found = await Promise.all(own.map(async (id) => this.#find(id)));
    return found.filter((each) => each !== undefined);
  }

  logs(id: string, query: LogQuery): AsyncIterable<LogChunk> {
    const place = this.#traces.place(id);
    const hasEnded = async (): Promise<boolean> =>
      !(await isSupervised(place)) || (await readExit(place)) !== undefined;
    return readCriLog(place.logs, query, { hasEnded });
  }

  async removeLogs(id: string): Promise<void> {
    await rm(this.#traces.place(id).logs, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.#rotation.close();
    this.#exits.close();
    await Promise.resolve();
  }

  async #load(): Promise<void> {
    const { state, images, containers, exits, runtime, logs } = this.#folders;
    for (const folder of [state, containers]) await mkdir(folder, { recursive: true, mode: 0o711 });
    for (const folder of [images, exits, runtime, logs])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#images.open();
    await removeTrials(this.#folders);
    for (const id of (await readdir(containers)).filter(isContainerId)) {
      const place = this.#traces.place(id);
      const record = await readRecord(place);
      if (record === undefined) continue;
      this.#records.set(id, record);
      if (record.rangeIndex !== undefined) this.#ranges.adopt(record.rangeIndex);
      if (await isSupervised(place)) this.#watchLog(record, place);
    }
  }

  #find(id: string): Promise<FoundContainer | undefined> {
    return this.#traces.find(id, this.#records.get(id)?.createdMs);
  }

  async #moveSupervisor(place: ContainerFolder): Promise<void> {
    const pid = await readIfThere(place.supervisorPidFile);
    for (const { version, controllers, mountPoint } of this.#layout.hierarchies) {
      if (version !== 2 && !controllers.includes('name=systemd')) continue;
      const folder = join(mountPoint, this.#cgroupTop, SUPERVISORS);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'cgroup.procs'), pid);
    }
  }

  async #removeTop(): Promise<void> {
    for (const top of this.#topFolders()) {
      for (const folder of [join(top, SUPERVISORS), top]) {
        try {
          await rmdir(folder);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          // Remains of other containers, or a supervisor that is just ending: the next removal tries again.
          if (code !== 'ENOENT' && code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
        }
      }
    }
  }

  #watchLog({ id, maxFileBytes, maxFiles }: ContainerRecord, place: ContainerFolder): void {
    const reopen = (): void => void reopenLog(place);
    this.#rotation.watch(id, { folder: place.logs, maxFileBytes, maxFiles, reopen });
  }

  async #countsSwap(): Promise<boolean> {
    if (this.#layout.mode === 'v2') return true;
    const { controllers } = cgroupsAt(this.#layout, '/');
    if (controllers.memory === undefined) return false;
    return (await readIfThere(join(controllers.memory, 'memory.memsw.limit_in_bytes'))) !== '';
  }

  #topFolders(): readonly string[] {
    return cgroupFoldersAt(this.#layout, this.#cgroupTop);
  }
}

/** Undefined when nothing was mounted or started yet, and when a failure of power took the text: then nothing is now. */
async function readRecord({ record }: ContainerFolder): Promise<ContainerRecord | undefined> {
  try {
    return JSON.parse(await readIfThere(record)) as ContainerRecord;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** As `Promise.all`, but when it rejects nothing goes on behind the caller's back. */
async function allSettled<T extends readonly unknown[]>(work: {
  [Key in keyof T]: Promise<T[Key]>;
}): Promise<T> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}
