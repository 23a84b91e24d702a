/**
 * Reads the kernel's log record by record without ever waiting. One reader keeps its place: each record is seen once;
 * when the kernel overwrote records before they were read, reading goes on with the oldest that is left.
 * Source: Documentation/ABI/testing/dev-kmsg.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** @public */
export interface KernelRecord {
  /** 0 (emergency) to 7 (debug). */
  readonly severity: number;
  /** Microseconds since boot. */
  readonly timestampMicros: number;
  readonly text: string;
}

/** What of `node:fs` is used. @public */
export interface KernelLogFiles {
  readonly open: (path: string, flags: number) => number;
  readonly read: (fd: number, buffer: Uint8Array) => number;
  readonly close: (fd: number) => void;
}

const REAL: KernelLogFiles = {
  open: (path, flags) => openSync(path, flags),
  read: (fd, buffer) => readSync(fd, buffer),
  close: (fd) => closeSync(fd),
};

/** More than the kernel's ring holds as a rule; a log that grows faster is read on at the next call. */
const RECORDS_PER_READ = 20_000;

/** @public */
export class KernelLog {
  readonly #files: KernelLogFiles;
  readonly #fd: number;
  readonly #buffer: Buffer = Buffer.alloc(8_192);

  /**
   * Opens at the oldest record.
   * @throws the error of the file system, when there is no such log or no right to read it
   */
  constructor(path = '/dev/kmsg', files: KernelLogFiles = REAL) {
    this.#files = files;
    this.#fd = files.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Records of the kernel itself since the last call; what programs wrote into its log is left out. */
  read(): readonly KernelRecord[] {
    const records: KernelRecord[] = [];
    for (let count = 0; count < RECORDS_PER_READ; count++) {
      let length: number;
      try {
        length = this.#files.read(this.#fd, this.#buffer);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') break;
        // EPIPE: the place was overwritten; EINTR: nothing was read. The next call goes on.
        if (code === 'EPIPE' || code === 'EINTR') continue;
        throw error;
      }
      if (length === 0) break;
      const record = parseRecord(this.#buffer.toString('utf8', 0, length));
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  close(): void {
    this.#files.close(this.#fd);
  }
}

/** `priority,sequence,micros,flags[,…];text`, then lines of a dictionary that begin with a space. */
function parseRecord(line: string): KernelRecord | undefined {
  const match = /^(\d+),\d+,(\d+),[^;]*;([^\n]*)/.exec(line);
  if (match === null) return undefined;
  const [, priority, micros, text] = match;
  // The upper bits name the facility: 0 is the kernel, and no program can write under its name.
  if (Number(priority) >> 3 !== 0) return undefined;
  return { severity: Number(priority) & 7, timestampMicros: Number(micros), text };
}
