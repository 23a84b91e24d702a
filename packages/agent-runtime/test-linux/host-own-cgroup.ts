/** A cgroup of a test's own in every hierarchy of this host, with real processes in it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CgroupPaths } from '../src/host/cgroup.ts';
import {
  cgroupFoldersAt,
  type CgroupLayout,
  cgroupsAt,
  readCgroupLayout,
} from '../src/host/cgroup-layout.ts';
import { killAll, removeCgroups } from '../src/host/cgroup-removal.ts';

export class OwnCgroup {
  readonly layout: CgroupLayout;
  readonly path: string;
  readonly folders: readonly string[];
  readonly paths: CgroupPaths;

  private constructor(layout: CgroupLayout, path: string) {
    this.layout = layout;
    this.path = path;
    this.folders = cgroupFoldersAt(layout, path);
    this.paths = cgroupsAt(layout, path);
  }

  /** Version 2 gives controllers to a cgroup only when its parent passes them on. */
  static async make(name: string): Promise<OwnCgroup> {
    const layout = await readCgroupLayout();
    const own = new OwnCgroup(layout, `/stw-${name}-${process.pid}`);
    for (const { version, mountPoint, controllers } of layout.hierarchies) {
      if (layout.mode === 'v2' && version === 2)
        await writeFile(
          join(mountPoint, 'cgroup.subtree_control'),
          controllers.map((each) => `+${each}`).join(' '),
        );
    }
    for (const folder of own.folders) await mkdir(folder);
    const { cpuset } = own.paths.controllers;
    if (own.paths.version === 1 && cpuset !== undefined) {
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        await writeFile(join(cpuset, file), await readFile(join(dirname(cpuset), file), 'utf8'));
    }
    return own;
  }

  async set(controller: keyof CgroupPaths['controllers'], file: string, value: string): Promise<void> {
    await writeFile(join(this.paths.controllers[controller]!, file), value);
  }

  /** The program is in all hierarchies before its first instruction. */
  spawn(program: string, args: readonly string[]): ChildProcess {
    const enter = this.folders.map((folder) => `echo $$ > '${folder}/cgroup.procs'`).join(' && ');
    return spawn('/bin/sh', ['-c', `${enter} && exec "$@"`, 'sh', program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  async remove(): Promise<void> {
    await killAll(this.folders);
    await removeCgroups(this.folders);
  }
}

/** Resolves with the first line that a program writes. */
export async function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0]);
    });
    child.once('exit', (code, signal) => reject(new Error(`ended early with ${code ?? signal}`)));
  });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}
