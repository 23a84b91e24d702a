/**
 * Logs of containers that are no more. The engine drops a container's log with the container, and `remove` must leave
 * no container, so the log is copied before: into one file per container in CRI format (time, stream, `F` or `P` for a
 * line without end, text), complete or not at all. Its size is bounded by the rotation that the engine has done; a copy
 * is smaller than the engine's JSON.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { LogChunk, LogQuery } from '@stowage/protocol';
import { readCriLog } from '../logs/cri-log-files.ts';
import type { LogFrame } from './engine-streams.ts';
import { partsOf } from './log-pieces.ts';

export class SavedLogs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Replaces an earlier copy. When it throws, there is none. */
  async save(id: string, frames: AsyncIterable<LogFrame>): Promise<void> {
    const folder = this.#folderOf(id);
    const temporary = this.#temporaryOf(id);
    await this.remove(id);
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const file = createWriteStream(join(temporary, '0.log'), { flush: true });
    const written = finished(file);
    // An error of the file is thrown where it is waited for, below.
    written.catch(() => undefined);
    try {
      for await (const { stream, bytes } of frames) {
        const { time, content } = partsOf(bytes);
        const isWhole = content.at(-1) === 0x0a;
        file.write(`${time} ${stream} ${isWhole ? 'F' : 'P'} `);
        file.write(content);
        if (!isWhole) file.write('\n');
        if (file.writableNeedDrain) await Promise.race([once(file, 'drain'), written]);
      }
      file.end();
      await written;
      await rename(temporary, folder);
    } catch (error) {
      file.destroy();
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** Empty when there is no copy. */
  read(id: string, query: LogQuery): AsyncIterable<LogChunk> {
    return readCriLog(this.#folderOf(id), query);
  }

  /** Idempotent. */
  async remove(id: string): Promise<void> {
    await rm(this.#temporaryOf(id), { recursive: true, force: true });
    await rm(this.#folderOf(id), { recursive: true, force: true });
  }

  #folderOf(id: string): string {
    return join(this.#folder, id);
  }

  /** No id begins with a dot. */
  #temporaryOf(id: string): string {
    return join(this.#folder, `.new-${id}`);
  }
}
