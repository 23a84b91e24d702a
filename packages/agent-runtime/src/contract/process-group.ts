/**
 * Ends a command that a runtime has brought into a container. Runtimes make it the first of a session, so its process
 * group is what it has started, but for what has left on purpose. A process number may be that of a stranger by now:
 * only a process in exactly the cgroups of the container's first process is ended.
 */
import { readFile } from 'node:fs/promises';

/**
 * Sends SIGKILL to the group of `pid`. Does nothing when it has ended, or the container has.
 * @param firstPid - of the container, in the numbering of this process, as `pid`
 * @returns whether it was sent
 */
export async function endGroupInContainer(pid: number, firstPid: number): Promise<boolean> {
  const [own, first] = await Promise.all([pid, firstPid].map(cgroupsOf));
  if (own === '' || own !== first) return false;
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

async function cgroupsOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cgroup`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
