/**
 * Where the runc backend keeps what on disk. Everything of a container lies at places that follow from its id, so that
 * removal needs nothing else.
 * Images and writable layers stay in folders of mode 0700: a set-user-id file in them must not be within reach of other
 * users of the host. What a container's own users outside have to walk through has mode 0711.
 */
import { join } from 'node:path';

export interface BackendFolders {
  readonly state: string;
  readonly images: string;
  readonly containers: string;
  /** One file per ended container, written by its supervisor. */
  readonly exits: string;
  /** State of runc itself. */
  readonly runtime: string;
  readonly logs: string;
}

export function backendFolders(state: string): BackendFolders {
  return {
    state,
    images: join(state, 'images'),
    containers: join(state, 'containers'),
    exits: join(state, 'exits'),
    runtime: join(state, 'runtime'),
    logs: join(state, 'logs'),
  };
}

export interface ContainerFolder {
  readonly folder: string;
  /** What `create` decided: `ContainerRecord`. */
  readonly record: string;
  readonly bundle: string;
  readonly root: string;
  readonly idmapped: string;
  /** Carries the mount of `diskImage` when the disk is limited. */
  readonly disk: string;
  readonly diskImage: string;
  readonly upper: string;
  readonly work: string;
  readonly etc: string;
  readonly pidFile: string;
  readonly supervisorPidFile: string;
  readonly supervisorAnswer: string;
  readonly supervisorErrors: string;
  readonly runtimeErrors: string;
  /** Control FIFO of the supervisor. */
  readonly control: string;
  /** Has the file `oom` when the kernel ended a process for lack of memory. */
  readonly persistent: string;
  readonly exit: string;
  /** State of runc: has `exec.fifo` until `start`. */
  readonly runtime: string;
  readonly logs: string;
}

export function containerFolder(folders: BackendFolders, id: string): ContainerFolder {
  const folder = join(folders.containers, id);
  const disk = join(folder, 'disk');
  return {
    folder,
    record: join(folder, 'container.json'),
    bundle: folder,
    root: join(folder, 'root'),
    idmapped: join(folder, 'idmapped'),
    disk,
    diskImage: join(folder, 'disk.img'),
    upper: join(disk, 'upper'),
    work: join(disk, 'work'),
    etc: join(folder, 'etc'),
    pidFile: join(folder, 'pid'),
    supervisorPidFile: join(folder, 'conmon.pid'),
    supervisorAnswer: join(folder, 'conmon.json'),
    supervisorErrors: join(folder, 'conmon.err'),
    runtimeErrors: join(folder, 'runc.log'),
    control: join(folder, 'ctl'),
    persistent: join(folder, 'persistent'),
    exit: join(folders.exits, id),
    runtime: join(folders.runtime, id),
    logs: join(folders.logs, id),
  };
}

/** What must outlive the agent's process. Plain data. */
export interface ContainerRecord {
  readonly id: string;
  readonly imageId: string;
  readonly createdMs: number;
  /** Undefined without a user namespace. */
  readonly rangeIndex?: number;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}
