/**
 * One read for all who ask at the same time, so that a burst of tasks costs a few describes and not one each. A caller
 * never joins a read that had begun before it asked: that read may have missed the caller's own change. So at most one
 * read runs and one waits. A caller that aborts leaves; the read itself is cut off when nobody waits for it any more.
 */
import { abortable } from './abortable.ts';

interface Round<T> {
  readonly abort: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

export class SharedRead<T> {
  readonly #read: (signal: AbortSignal) => Promise<T>;
  #next: Round<T> | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(read: (signal: AbortSignal) => Promise<T>) {
    this.#read = read;
  }

  /** @returns what a read gave that began after this call */
  async read(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const round = (this.#next ??= this.#open());
    round.waiting += 1;
    return abortable(round.result, signal, () => {
      round.waiting -= 1;
      if (round.waiting > 0) return;
      if (this.#next === round) this.#next = undefined;
      round.abort.abort(signal.reason);
    });
  }

  #open(): Round<T> {
    const abort = new AbortController();
    const before = this.#tail;
    const run = async (): Promise<T> => {
      await before;
      if (this.#next?.abort === abort) this.#next = undefined;
      abort.signal.throwIfAborted();
      return this.#read(abort.signal);
    };
    const round = { abort, result: run(), waiting: 0 };
    this.#tail = round.result.catch(() => undefined);
    return round;
  }
}
