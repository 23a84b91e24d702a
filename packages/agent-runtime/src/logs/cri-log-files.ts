/**
 * Reads log files in the format of Kubernetes' container runtime interface, `<time> <stream> <P|F> <text>`: `0.log` is
 * the current one, `1.log` the one before it, and so on. P marks a part of a line that goes on.
 * A reader holds the files open, so rotation takes nothing away from it, and files are told apart by inode and time of
 * birth, so it reads nothing twice, also when the file that it was reading is not there any more. Lines that are no log lines (a torn end after a crash) are skipped.
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogChunk, LogQuery } from '@stowage/protocol';
import { LogLines } from './log-lines.ts';
import { TailWindow } from './tail-window.ts';

export interface CriLogOptions {
  /** Whether nothing more will be written. Asked while following. Default: it is so. */
  readonly hasEnded?: () => boolean | Promise<boolean>;
  /** Between two looks while following. Default 100 ms. */
  readonly pollMs?: number;
}

const PIECE_BYTES = 64 * 1024;

interface OpenFile {
  readonly handle: FileHandle;
  readonly key: string;
}

/** Of the files that were read before; those that rotation must have dropped are forgotten. */
class SeenFiles {
  readonly #keys = new Set<string>();

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** @param most - files that there may be */
  add(files: readonly OpenFile[], most: number): void {
    for (const { key } of files) this.#keys.add(key);
    for (const key of this.#keys) {
      if (this.#keys.size <= most) return;
      this.#keys.delete(key);
    }
  }
}

/** Oldest first. A folder that is missing is an empty log. Ends without an error when `query.signal` aborts. */
export async function* readCriLog(
  folder: string,
  query: LogQuery = {},
  options: CriLogOptions = {},
): AsyncGenerator<LogChunk, void, undefined> {
  const { hasEnded = () => true, pollMs = 100 } = options;
  const { follow = false, stream, tailLines, signal } = query;
  const wanted = (chunk: LogChunk): boolean => stream === undefined || chunk.stream === stream;
  const seen = new SeenFiles();
  const files = await openNewer(folder, seen);
  const lines = new LogLines();
  const tail = tailLines === undefined ? undefined : new TailWindow(tailLines);
  try {
    for (const file of files) {
      for await (const { chunk, endsLine } of drain(file, lines)) {
        if (signal?.aborted) return;
        if (!wanted(chunk)) continue;
        if (tail === undefined) yield chunk;
        else tail.add(chunk, endsLine);
      }
    }
    if (tail !== undefined) yield* tail.chunks();
    while (follow) {
      if (signal?.aborted) return;
      const isLast = await hasEnded();
      for await (const chunk of readNews(folder, files, lines, seen)) {
        if (signal?.aborted) return;
        if (wanted(chunk)) yield chunk;
      }
      if (isLast) break;
      await pause(pollMs, signal);
    }
    for (const chunk of lines.rest()) if (wanted(chunk)) yield chunk;
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

/** What was added to the newest open file, then what is in newer ones. */
async function* readNews(
  folder: string,
  files: OpenFile[],
  lines: LogLines,
  seen: SeenFiles,
): AsyncGenerator<LogChunk> {
  // The newer file is looked for first: once it is there, nothing is added to the older one any more.
  const newer = await openNewer(folder, seen);
  for (const file of [...files.splice(-1), ...newer]) {
    files.push(file);
    for await (const { chunk } of drain(file, lines)) yield chunk;
  }
  while (files.length > 1) await files.shift()!.handle.close();
}

/** Files that are newer than those that were seen, oldest first. */
async function openNewer(folder: string, seen: SeenFiles): Promise<OpenFile[]> {
  const found: OpenFile[] = [];
  // Rotation moves files up meanwhile and leaves gaps for a moment; going up too, a file is met twice rather than never.
  // Going on until there is nothing above any more, none can slip through from below to above, however fast they move.
  let last = -1;
  for (let number = 0; ; number++) {
    if (number > last) last = await lastNumber(folder);
    if (number > last + 1) break;
    const file = await openLog(join(folder, `${number}.log`));
    if (file === undefined) continue;
    if (seen.has(file.key)) {
      await file.handle.close();
      break;
    }
    if (found.some(({ key }) => key === file.key)) await file.handle.close();
    else found.unshift(file);
  }
  seen.add(found, last + 2 + found.length);
  return found;
}

async function lastNumber(folder: string): Promise<number> {
  try {
    const names = await readdir(folder);
    return Math.max(-1, ...names.map((name) => Number(/^(\d{1,6})\.log$/.exec(name)?.[1] ?? -1)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1;
    throw error;
  }
}

async function openLog(path: string): Promise<OpenFile | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { ino, birthtimeNs } = await handle.stat({ bigint: true });
  return { handle, key: `${ino} ${birthtimeNs}` };
}

async function* drain(
  { handle }: OpenFile,
  lines: LogLines,
): AsyncGenerator<{ readonly chunk: LogChunk; readonly endsLine: boolean }> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield* lines.add(buffer.subarray(0, bytesRead));
  }
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal && { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
