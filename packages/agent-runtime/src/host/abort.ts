/**
 * Aborts that follow another one. Unlike `AbortSignal.any` a child can be let go, so that a signal which lives as long
 * as the agent does not collect listeners of every task there ever was.
 */
export class ChildAbort {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #forward: () => void;

  constructor(parent: AbortSignal) {
    this.#parent = parent;
    this.#forward = () => this.abort(parent.reason);
    if (parent.aborted) this.#forward();
    else parent.addEventListener('abort', this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The parent no longer counts. */
  dispose(): void {
    this.#parent.removeEventListener('abort', this.#forward);
  }
}

/** @throws the reason of `signal` as soon as it aborts, whatever becomes of `promise` */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
