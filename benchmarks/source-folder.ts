/**
 * Where programs of the suite that are not TypeScript stand, for modules that may be part of a bundle elsewhere.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Path of `benchmarks/<name>`: beside this module, or below the working directory when it has been bundled elsewhere.
 * @param name - of the folder
 * @param file - that is in it
 * @returns undefined when there is no such folder
 */
export function sourceFolder(name: string, file: string): string | undefined {
  const folders = [join(import.meta.dirname, name), join(process.cwd(), 'benchmarks', name)];
  return folders.find((folder) => existsSync(join(folder, file)));
}
