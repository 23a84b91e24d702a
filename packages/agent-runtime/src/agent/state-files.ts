/**
 * The few operations on disk that the journals need, so that tests can stand in for a disk that fails or loses power
 * between any two of them. Every write is on disk when its call returns.
 */
import { mkdir, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeFileAtomically } from '../host/atomic-file.ts';
import { unlessMissing } from '../host/unless-missing.ts';

export interface StateFiles {
  /** Names in a folder, in no order; none when it is missing. */
  list(folder: string): Promise<readonly string[]>;
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Makes or replaces a file in one step, with its folder. */
  write(path: string, text: string): Promise<void>;
  /** Writes at `offset` bytes, which must not be beyond the end. */
  append(path: string, offset: number, text: string): Promise<void>;
  /** Cuts off what lies beyond `bytes`. Without effect on a missing file. */
  truncate(path: string, bytes: number): Promise<void>;
  /** Without effect on a missing file. */
  remove(path: string): Promise<void>;
}

export function diskFiles(): StateFiles {
  return {
    list: async (folder) => (await unlessMissing(readdir(folder))) ?? [],
    read: (path) => unlessMissing(readFile(path, 'utf8')),
    async write(path, text) {
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o711 });
      if (made !== undefined) await syncFolder(dirname(made));
      await writeFileAtomically(path, text);
    },
    async append(path, offset, text) {
      const file = await open(path, 'r+');
      try {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
          done += bytesWritten;
        }
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    async truncate(path, bytes) {
      await unlessMissing(truncate(path, bytes));
    },
    async remove(path) {
      await unlessMissing(unlink(path));
      await unlessMissing(syncFolder(dirname(path)));
    },
  };
}
