/** Keeps the newest lines of a log, each with all its chunks; memory is bounded by what is kept. */
import type { LogChunk } from '@stowage/protocol';

interface Line {
  readonly chunks: { readonly position: number; readonly chunk: LogChunk }[];
}

export class TailWindow {
  readonly #most: number;
  readonly #lines: Line[] = [];
  /** By stream, the line that goes on. */
  readonly #open = new Map<LogChunk['stream'], Line>();
  #position = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: LogChunk, endsLine: boolean): void {
    let line = this.#open.get(chunk.stream);
    if (line === undefined) {
      line = { chunks: [] };
      this.#lines.push(line);
      if (this.#lines.length > this.#most) this.#lines.shift();
    }
    line.chunks.push({ position: this.#position++, chunk });
    if (endsLine) this.#open.delete(chunk.stream);
    else this.#open.set(chunk.stream, line);
  }

  /** In the order in which they were added. */
  chunks(): readonly LogChunk[] {
    return this.#lines
      .flatMap(({ chunks }) => chunks)
      .sort((a, b) => a.position - b.position)
      .map(({ chunk }) => chunk);
  }
}
