/**
 * Ctrl-C, SIGTERM and a terminal that was closed, while a command has something on the host: none of them ends the
 * process before it has cleaned up. The first asks a task to end, the second ends it.
 */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupts {
  #times = 0;
  #handle: (times: number) => void = () => undefined;
  readonly #onSignal = (): void => this.#handle((this.#times += 1));

  /** Listens from now on. */
  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** How many there were. */
  get times(): number {
    return this.#times;
  }

  /** Calls `handle` with the number of each that comes, at once when there were some. */
  onEach(handle: (times: number) => void): void {
    this.#handle = handle;
    if (this.#times > 0) handle(this.#times);
  }

  /** Stops listening: the next one ends the process. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
