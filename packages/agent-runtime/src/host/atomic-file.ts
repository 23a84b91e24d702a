/**
 * Files that survive a crash. A file is replaced in one step: readers see the old or the new text and never a part.
 * One writer per path at a time: the name of the temporary file is fixed, so that a crash leaves at most one, which the
 * next write replaces. Costs two flushes of the disk a write.
 */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ends the names of files that a crash can leave; whoever lists a folder skips them. */
export const TEMPORARY_SUFFIX = '.tmp';

/** What of `node:fs/promises` is used; tests let it fail. */
export interface FileOperations {
  readonly open: typeof open;
  readonly rename: typeof rename;
  readonly unlink: typeof unlink;
}

const REAL: FileOperations = { open, rename, unlink };

export interface AtomicFileOptions {
  /** Of the new file. Default 0o600. */
  readonly mode?: number;
  readonly files?: FileOperations;
}

/** @throws the error of the file system; the file at `path` is as before then, unless only the last flush failed */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  options: AtomicFileOptions = {},
): Promise<void> {
  const { mode = 0o600, files = REAL } = options;
  const temporary = path + TEMPORARY_SUFFIX;
  try {
    const file = await files.open(temporary, 'w', mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await removeAfter(error, files, temporary);
  }
  await syncFolder(dirname(path), files);
}

/** Makes names in a folder that were added, changed or removed survive a crash. */
export async function syncFolder(path: string, files: Pick<FileOperations, 'open'> = REAL): Promise<void> {
  const folder = await files.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeAfter(error: unknown, files: FileOperations, temporary: string): Promise<never> {
  try {
    await files.unlink(temporary);
  } catch (second) {
    if ((second as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new AggregateError([error, second], `${temporary} could neither be used nor removed.`, {
        cause: second,
      });
  }
  throw error;
}
