/**
 * Writes the events of runs to a file as they happen, a line of JSON each; a run begins with a line that names it. A day of
 * a large cell has tens of millions of events, so lines are written in blocks and none is kept.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fail } from '../cli-errors.ts';

/** Characters that are written at a time. */
const BLOCK = 1 << 18;

export class TraceWriter {
  readonly path: string;
  readonly #file: number;
  #block = '';

  /** @throws StowageError REPORT_NOT_WRITABLE */
  constructor(file: string, workingFolder: string) {
    this.path = resolve(workingFolder, file);
    this.#file = this.#guarded(() => openSync(this.path, 'w'));
  }

  /** @param line - without its line end. @throws StowageError REPORT_NOT_WRITABLE */
  readonly add = (line: string): void => {
    this.#block += `${line}\n`;
    if (this.#block.length >= BLOCK) this.#flush();
  };

  /** @throws StowageError REPORT_NOT_WRITABLE */
  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#file);
    }
  }

  #flush(): void {
    const block = this.#block;
    this.#block = '';
    this.#guarded(() => writeFileSync(this.#file, block));
  }

  #guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      return fail(
        'REPORT_NOT_WRITABLE',
        `cannot write ${this.path} (${reason}); choose another file with --trace.`,
        error,
      );
    }
  }
}
