/**
 * What an open transaction would take back: a stack of 32-bit integers, written by every placement and release
 * while a transaction is open. Rollback costs O(changes); nothing is copied when a transaction begins.
 */
const LONG_BASE = 2 ** 31;

export class UndoLog {
  #stack = new Int32Array(256);
  #size = 0;
  /** Whether a transaction is open. */
  isOpen = false;
  readonly #marks: number[] = [];
  /** What takes back the rare changes that are not a few integers, in the order of their entries. */
  readonly #inverses: (() => void)[] = [];

  /** Number of open transactions, one inside the other. */
  get depth(): number {
    return this.#marks.length / 2;
  }

  /** Opens a transaction and remembers a counter with it. */
  begin(counter: number): void {
    this.#marks.push(this.#size, counter);
    this.isOpen = true;
  }

  /** Closes the innermost transaction; what it logged belongs to the one around it, if any. */
  commit(): void {
    this.#marks.length -= 2;
    this.isOpen = this.depth > 0;
    if (this.isOpen) return;
    this.#size = 0;
    this.#inverses.length = 0;
  }

  /** Closes the innermost transaction after its entries were popped. @returns the counter given to `begin` */
  end(): number {
    const counter = this.#marks.pop()!;
    this.#marks.pop();
    this.isOpen = this.depth > 0;
    return counter;
  }

  /** Whether the innermost transaction has entries left. */
  hasMore(): boolean {
    return this.#size > this.#marks[this.#marks.length - 2];
  }

  push(value: number): void {
    if (this.#size === this.#stack.length) {
      const larger = new Int32Array(this.#size * 2);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#stack[this.#size++] = value;
  }

  /** Keeps what takes a change back; an entry with the code of such changes belongs on the stack. */
  pushInverse(inverse: () => void): void {
    this.#inverses.push(inverse);
  }

  popInverse(): () => void {
    return this.#inverses.pop()!;
  }

  /** Pushes a safe integer that is not negative, as two entries. */
  pushLong(value: number): void {
    this.push(Math.floor(value / LONG_BASE));
    this.push(value % LONG_BASE);
  }

  popLong(): number {
    return this.pop() + this.pop() * LONG_BASE;
  }

  pop(): number {
    return this.#stack[--this.#size];
  }
}
