/**
 * Everything that a test could leave behind on this host, as lines of text: two readings are compared to see that
 * nothing was left.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../src/host/run-command.ts';

/** By kind (`mount`, `link`, …), the names of what there is. */
export type HostObjects = ReadonlyMap<string, ReadonlySet<string>>;

export async function hostObjects(): Promise<HostObjects> {
  return new Map(
    Object.entries({
      mount: mounts(),
      link: new Set(readdirSync('/sys/class/net')),
      'network namespace': names('/run/netns'),
      'nftables table': await lines('nft', ['list', 'tables']),
      'routing rule': await lines('ip', ['rule', 'show']),
      'loop device': await lines('losetup', ['--all', '--noheadings', '--output', 'NAME,BACK-FILE']),
      cgroup: cgroups(),
      process: processes(),
    }),
  );
}

/** What is in `after` and not in `before`, each as `kind name`. */
export function newObjects(before: HostObjects, after: HostObjects): string[] {
  return [...after].flatMap(([kind, found]) =>
    [...found].filter((name) => !before.get(kind)?.has(name)).map((name) => `${kind} ${name}`),
  );
}

function mounts(): Set<string> {
  const table = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return new Set(table.map((line) => line.split(' ')[4]));
}

function names(folder: string): Set<string> {
  return new Set(existsSync(folder) ? readdirSync(folder) : []);
}

async function lines(program: string, args: readonly string[]): Promise<Set<string>> {
  const { stdout } = await runCommand(program, args);
  return new Set(stdout.split('\n').filter((line) => line.trim() !== ''));
}

function cgroups(): Set<string> {
  const found = new Set<string>();
  const walk = (folder: string): void => {
    found.add(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(join(folder, entry.name));
    }
  };
  walk('/sys/fs/cgroup');
  return found;
}

/** Programs of the tests only: other processes of the host come and go. */
function processes(): Set<string> {
  const ours = /^(?:conmon|containerd-shim.*|dockerd|docker-registry|iperf3|busybox|runc.*|unshare|nsenter)$/;
  const found = new Set<string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const program = readlinkSync(`/proc/${pid}/exe`).split('/').at(-1)!;
      if (ours.test(program)) found.add(`${pid} ${program}`);
    } catch {
      // It has ended, or it is a thread of the kernel.
    }
  }
  return found;
}
