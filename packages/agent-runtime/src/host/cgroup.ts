/**
 * Where the cgroup of a container lies. Version 1 has a hierarchy per controller, version 2 one for all; a `hybrid`
 * host has version 1 for the controllers and an empty version 2 beside it.
 */

/** Absolute folders of one cgroup. @public */
export interface CgroupPaths {
  readonly version: 1 | 2;
  /** By controller (`cpu`, `cpuacct`, `cpuset`, `memory`, `pids`, `blkio`, `freezer`); in version 2 all are the same folder. */
  readonly controllers: Readonly<Partial<Record<CgroupController, string>>>;
  /** On a hybrid host: its folder in version 2, which has no controllers but tells the pressure. */
  readonly unified?: string;
}

/** @public */
export type CgroupController = 'cpu' | 'cpuacct' | 'cpuset' | 'memory' | 'pids' | 'blkio' | 'freezer';
