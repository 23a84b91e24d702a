/**
 * A stream that may go away: when the reader of a pipe has left (`stowage … | head`), further text is dropped in
 * silence and the command learns through `closed` that nobody reads on. Any other failure is kept for `release`.
 */
import { fail } from './cli-errors.ts';
import type { CliStream } from './context.ts';

export class Output {
  readonly stream: CliStream;
  #closed = false;
  #isFull = false;
  #error: Error | undefined;
  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#closed = true;
    if (error.code !== 'EPIPE') this.#error ??= error;
  };

  constructor(stream: CliStream) {
    this.stream = stream;
    stream.on('error', this.#onError);
  }

  /** Whether nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  write(text: string): void {
    if (!this.#closed) this.#isFull = !this.stream.write(text);
  }

  /** Resolves when the reader has caught up or has left: who writes without end waits for it, or memory grows. */
  async drained(): Promise<void> {
    if (!this.#isFull || this.#closed) return;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'error', 'close'];
      const onAny = (): void => {
        for (const event of events) this.stream.off(event, onAny);
        resolve();
      };
      for (const event of events) this.stream.on(event, onAny);
    });
  }

  /**
   * Waits until everything is written, then lets go of the stream.
   * @throws StowageError OUTPUT_FAILED
   */
  async release(): Promise<void> {
    if (!this.#closed) await new Promise<void>((resolve) => this.stream.write('', () => resolve()));
    this.stream.off('error', this.#onError);
    if (this.#error !== undefined)
      fail('OUTPUT_FAILED', `${this.#error.message}; is the disk full?`, this.#error);
  }
}
