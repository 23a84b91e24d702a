/**
 * Rotates the log files of all containers by size, with one timer. The current file is renamed and the supervisor asked
 * to open a new one; until it has, it goes on writing to the renamed file, so nothing is lost and nothing doubled.
 * A file may exceed its size by what is written between two looks.
 * The wish is sent once per rename: a second one would make the supervisor drop the file that the first one made. After
 * a crash between rename and wish there is no current file, and the wish is sent again.
 *
 * The supervisor also replaces the current file by itself (`supervisor.ts`), after so many bytes in all, whether the
 * file was rotated meanwhile or not. A second name, `held`, keeps what it so drops; the next look moves that up. A new
 * file has that name from its beginning, because the supervisor opens one that is there. Lost is only what it replaces
 * twice between two looks.
 */
import type { BigIntStats } from 'node:fs';
import { link, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';

export interface RotatedLog {
  readonly folder: string;
  readonly maxFileBytes: number;
  readonly maxFiles: number;
  /** Makes the writer open `0.log` anew. */
  readonly reopen: () => void;
}

export interface LogRotationOptions {
  /** Between two looks. Default 500 ms. */
  readonly intervalMs?: number;
  readonly clock?: Clock;
  /** Gets errors of one log; the others go on. Default: `process.emitWarning`. */
  readonly onError?: (error: unknown) => void;
}

/** Not one of the files that readers see. */
const HELD = 'held';
/** What conmon writes to before it gives it the name `0.log`. */
const NEXT = '0.log.tmp';

interface Watched extends RotatedLog {
  /** The wish was sent, and the new file is not there yet. */
  isReopening: boolean;
}

export class LogRotation {
  readonly #logs = new Map<string, Watched>();
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: LogRotationOptions = {}) {
    this.#intervalMs = options.intervalMs ?? 500;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#onError = options.onError ?? ((error) => process.emitWarning(error as Error));
  }

  watch(id: string, log: RotatedLog): void {
    this.#logs.set(id, { ...log, isReopening: false });
    this.#schedule();
  }

  unwatch(id: string): void {
    this.#logs.delete(id);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** One look at all logs. */
  async look(): Promise<void> {
    for (const [id, log] of [...this.#logs]) {
      try {
        if (this.#logs.get(id) === log) await rotateIfFull(log);
      } catch (error) {
        this.#onError(new Error(`The log of ${id} could not be rotated.`, { cause: error }));
      }
    }
  }

  #schedule(): void {
    if (this.#isClosed || this.#cancel !== undefined || this.#logs.size === 0) return;
    this.#cancel = this.#clock.schedule(this.#intervalMs, () => {
      void this.look().finally(() => {
        this.#cancel = undefined;
        this.#schedule();
      });
    });
  }
}

async function rotateIfFull(log: Watched): Promise<void> {
  const { folder, maxFileBytes, maxFiles } = log;
  const size = (await statOf(folder, '0.log'))?.size;
  if (size === undefined) {
    if (log.isReopening) return;
  } else {
    log.isReopening = false;
    await holdCurrent(log);
    if (size < maxFileBytes) return;
    await shift(folder, maxFiles, 0);
  }
  await holdNext(folder);
  log.isReopening = true;
  log.reopen();
}

/** What has the second name and is no file of the log any more was dropped: it becomes `1.log`. */
async function holdCurrent({ folder, maxFiles }: Watched): Promise<void> {
  const [held, current, older] = await Promise.all(
    [HELD, '0.log', '1.log'].map((name) => statOf(folder, name)),
  );
  if (held !== undefined) {
    if (held.ino === current?.ino) return;
    if (held.ino === older?.ino || held.size === 0n) await rm(join(folder, HELD));
    else {
      await shift(folder, maxFiles, 1);
      await rename(join(folder, HELD), join(folder, '1.log'));
    }
  }
  try {
    await link(join(folder, '0.log'), join(folder, HELD));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function holdNext(folder: string): Promise<void> {
  const [held, next] = [HELD, NEXT].map((name) => join(folder, name));
  await rm(held, { force: true });
  await writeFile(next, '', { mode: 0o600 });
  await link(next, held);
}

/** Renames each file from a number on to the next one, the oldest first, and drops those beyond the limit. */
async function shift(folder: string, maxFiles: number, from: number): Promise<void> {
  const numbers = (await readdir(folder))
    .map((name) => /^(\d+)\.log$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .filter((number) => number >= from)
    .sort((a, b) => b - a);
  // With a single file the renamed one stays until the next rotation: the writer still has it open.
  const last = Math.max(maxFiles - 1, 1);
  for (const number of numbers) {
    const path = join(folder, `${number}.log`);
    if (number >= last) await rm(path);
    else await rename(path, join(folder, `${number + 1}.log`));
  }
}

async function statOf(folder: string, name: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(join(folder, name), { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
