/** The files of `/etc` that are of the container and not of its image: names of hosts, and where names are resolved. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerFolder } from './container-folder.ts';
import type { UserRange } from './user-ranges.ts';

/** @returns the files on the host by their path in the container */
export async function writeContainerFiles(
  place: ContainerFolder,
  hostname: string,
  range: UserRange | undefined,
): Promise<Readonly<Record<string, string>>> {
  await mkdir(place.etc, { mode: range === undefined ? 0o700 : 0o711 });
  const texts = {
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t${hostname}\n`,
    hostname: `${hostname}\n`,
    'resolv.conf': await hostResolvers(),
  };
  const files: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    files[`/etc/${name}`] = join(place.etc, name);
    await writeFile(join(place.etc, name), text, { mode: 0o644 });
  }
  return files;
}

async function hostResolvers(): Promise<string> {
  try {
    return await readFile('/etc/resolv.conf', 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
