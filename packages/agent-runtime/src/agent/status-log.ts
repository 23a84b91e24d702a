/**
 * The one stream of statuses of an agent. Sequences are given in turn: the next one is only used when the one before
 * is on disk or certainly is not, so the numbers have no gaps, none is used twice, and a reader never sees a status
 * that a crash could take back. The statuses themselves lie in the journals of their tasks; those of tasks that were
 * forgotten leave memory, and a reader that still needs one of them is told so.
 */
import { AgentError, type TaskStatus } from '@stowage/protocol';
import type { SequenceMarks } from './agent-file.ts';
import { requireInteger } from './errors.ts';

/** Sequences are reserved on disk in blocks of this size. */
const BLOCK = 1_000;

export interface StatusLogOptions {
  readonly marks: SequenceMarks;
  readonly writeMarks: (marks: SequenceMarks) => Promise<void>;
  /** From all journals, in any order. */
  readonly statuses: readonly TaskStatus[];
  /** Some journal could not be read: it may hold any sequence up to the reserved one. */
  readonly incomplete: boolean;
  /** When the agent closes, readers end. */
  readonly closing: AbortSignal;
}

export class StatusLog {
  readonly #kept = new Map<number, TaskStatus>();
  readonly #writeMarks: (marks: SequenceMarks) => Promise<void>;
  readonly #closing: AbortSignal;
  readonly #wakes = new Set<() => void>();
  #marks: SequenceMarks;
  #lastSequence: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: StatusLogOptions) {
    const { marks, writeMarks, statuses, incomplete, closing } = options;
    this.#writeMarks = writeMarks;
    this.#closing = closing;
    const inOrder = statuses.toSorted((a, b) => a.sequence - b.sequence);
    for (const status of inOrder) this.#kept.set(status.sequence, status);
    const highest = Math.max(marks.expiredTo, inOrder.at(-1)?.sequence ?? 0);
    this.#lastSequence = incomplete ? Math.max(highest, marks.reservedTo) : highest;
    // What is missing below can never be told again. A reader that waits for it must not wait for ever.
    let expiredTo = this.#lastSequence;
    while (expiredTo > marks.expiredTo && this.#kept.has(expiredTo)) expiredTo--;
    this.#marks = { expiredTo, reservedTo: Math.max(marks.reservedTo, this.#lastSequence) };
    closing.addEventListener('abort', () => this.#wakeAll(), { once: true });
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Puts on disk what was forgotten: it stays so when the damaged journal is taken away. @throws AgentError `STATE_NOT_WRITTEN` */
  async keepMarks(): Promise<void> {
    await this.#inTurn(() => this.#mark(this.#marks));
  }

  /**
   * Gives the next sequence. `write` puts the status on disk, or throws and has no effect, or returns undefined when
   * at its turn there is nothing to say any more; in both of these the sequence stays free.
   * @throws what `write` throws; AgentError `STATE_NOT_WRITTEN`
   */
  async commit(
    write: (sequence: number) => Promise<TaskStatus | undefined>,
  ): Promise<TaskStatus | undefined> {
    return this.#inTurn(async () => {
      const sequence = this.#lastSequence + 1;
      if (sequence > this.#marks.reservedTo)
        await this.#mark({ ...this.#marks, reservedTo: this.#marks.reservedTo + BLOCK });
      const status = await write(sequence);
      if (status === undefined) return undefined;
      this.#lastSequence = sequence;
      this.#kept.set(sequence, status);
      this.#wakeAll();
      return status;
    });
  }

  /** Resolves when everything that is under way has had its turn. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** `remove` makes the statuses unreadable for a next agent. @throws what it throws; all is as before then */
  async forget(sequences: readonly number[], remove: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#mark({ ...this.#marks, expiredTo: Math.max(this.#marks.expiredTo, ...sequences) });
      await remove();
      for (const sequence of sequences) this.#kept.delete(sequence);
    });
  }

  /**
   * With `after`: each status above it, once and in order. Without: first those that are kept, which need not be
   * all that were said; then every one to come.
   * @throws AgentError `STATUS_EXPIRED`, `INVALID_OPTION`
   */
  async *read(after: number | undefined, signal?: AbortSignal): AsyncGenerator<TaskStatus, void, undefined> {
    let cursor = this.#lastSequence;
    if (after === undefined) {
      for (const status of [...this.#kept.values()]) {
        if (this.#isOver(signal)) return;
        yield status;
      }
    } else {
      requireInteger('after', after, 0);
      if (after > cursor)
        throw new AgentError(
          'STATUS_EXPIRED',
          `This agent has said ${cursor} statuses, but ${after} was asked for: its state was lost. Read without "after" and compare with tasks().`,
        );
      cursor = after;
    }
    while (!this.#isOver(signal)) {
      if (cursor < this.#lastSequence) {
        const status = this.#kept.get(cursor + 1);
        if (status === undefined || cursor < this.#marks.expiredTo)
          throw new AgentError(
            'STATUS_EXPIRED',
            `Statuses up to ${this.#marks.expiredTo} were forgotten, and those after ${cursor} are wanted. Read without "after" and compare with tasks().`,
          );
        cursor++;
        yield status;
      } else await this.#next(signal);
    }
  }

  #isOver(signal: AbortSignal | undefined): boolean {
    return this.#closing.aborted || signal?.aborted === true;
  }

  #next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakes.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakes.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  async #mark(marks: SequenceMarks): Promise<void> {
    await this.#writeMarks(marks);
    this.#marks = marks;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
