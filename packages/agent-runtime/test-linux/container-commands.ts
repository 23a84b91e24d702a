/** What a container of a test runs, read from the host. */
import { readFileSync } from 'node:fs';
import { processesIn } from '../src/host/cgroup-removal.ts';
import type { LiveContainer } from '../src/contract/container-backend.ts';

/** Command lines of its processes that contain a text. */
export async function commandsWith(text: string, { cgroups }: LiveContainer): Promise<string[]> {
  const lines = (await processesIn(cgroups)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      // It has ended meanwhile.
      return '';
    }
  });
  return lines.filter((line) => line.includes(text));
}
