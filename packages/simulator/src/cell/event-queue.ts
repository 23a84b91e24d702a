/**
 * What will happen, in order of time: a binary heap. Events of the same moment happen in the order in which they were
 * asked for, so that a run is a function of its inputs. Called-off events stay in the heap until their time comes.
 */
import TinyQueue from 'tinyqueue';

/** Something that will happen. */
export interface CellEvent {
  readonly atMs: number;
  readonly sequence: number;
  /** Undefined when it was called off. */
  action: (() => void) | undefined;
}

export class EventQueue {
  readonly #heap = new TinyQueue<CellEvent>([], (a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
  #sequence = 0;

  add(atMs: number, action: () => void): CellEvent {
    const event: CellEvent = { atMs, sequence: this.#sequence++, action };
    this.#heap.push(event);
    return event;
  }

  /** Takes the next event out if it is due at a time; called-off ones are dropped on the way. */
  takeUntil(atMs: number): CellEvent | undefined {
    for (let next = this.#heap.peek(); next !== undefined && next.atMs <= atMs; next = this.#heap.peek()) {
      this.#heap.pop();
      if (next.action !== undefined) return next;
    }
    return undefined;
  }
}
