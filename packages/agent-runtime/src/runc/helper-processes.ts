/**
 * Programs that an agent has started and that go on after it was killed: they are found by their arguments, which name
 * a folder of this backend, since nobody was left to write their numbers down.
 */
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIfThere } from './container-exit.ts';

const TIMEOUT_MS = 5_000;
const PROGRAMS = /(?:^|\/)(?:conmon|runc|perl|mount|umount|mkfs\.ext4|skopeo|umoci)$/;

/**
 * Ends all that have the folder, or something in it, as an argument. Idempotent.
 * @throws Error when some still live after 5 s
 */
export async function endHelpers(folder: string): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const pids = await helpersOf(folder);
    if (pids.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`Processes ${pids.join(', ')} of ${folder} do not end.`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await sleep(5);
  }
}

async function helpersOf(folder: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const [program, ...args] = (await readIfThere(`/proc/${name}/cmdline`)).split('\0');
    if (!PROGRAMS.test(program)) continue;
    if (args.some((each) => each === folder || each.includes(`${folder}/`))) pids.push(Number(name));
  }
  return pids;
}
