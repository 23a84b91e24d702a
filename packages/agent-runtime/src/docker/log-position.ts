/**
 * How far a reader of a log has come, so that it goes on after a broken connection, or in the saved copy of the log,
 * without a gap and without saying anything twice. Times alone do not tell, as many pieces have the same millisecond:
 * so pieces of the last one are counted, for each stream by itself, within which times do not go back.
 */
import type { LogChunk } from '@stowage/protocol';

interface Mark {
  readonly timestampMs: number;
  /** Pieces with that time that were read. */
  readonly count: number;
}

export class LogPosition {
  readonly #marks = new Map<LogChunk['stream'], Mark>();
  /** What of the marks still has to be passed by, after `rewind`. */
  #replayed = new Map<LogChunk['stream'], Mark>();

  /** Everything before was read; undefined when nothing was. */
  get sinceMs(): number | undefined {
    const times = [...this.#marks.values()].map(({ timestampMs }) => timestampMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Pieces come again from `sinceMs` or earlier. */
  rewind(): void {
    this.#replayed = new Map(
      [...this.#marks].map(([stream, { timestampMs }]) => [stream, { timestampMs, count: 0 }]),
    );
  }

  /** @returns whether the piece is new */
  take(stream: LogChunk['stream'], timestampMs: number): boolean {
    const mark = this.#marks.get(stream);
    const replayed = this.#replayed.get(stream);
    if (mark !== undefined && replayed !== undefined) {
      if (timestampMs < mark.timestampMs) return false;
      if (timestampMs === mark.timestampMs && replayed.count < mark.count) {
        this.#replayed.set(stream, { timestampMs, count: replayed.count + 1 });
        return false;
      }
      this.#replayed.delete(stream);
    }
    const count = mark?.timestampMs === timestampMs ? mark.count + 1 : 1;
    this.#marks.set(stream, { timestampMs, count });
    return true;
  }
}
