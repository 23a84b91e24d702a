/** Wakes those who wait for containers when something happened in the folder of exit files, and now and then. */
import { type FSWatcher, watch } from 'node:fs';

export class ExitWatch {
  readonly #folder: string;
  readonly #pollMs: number;
  readonly #waiting = new Map<string, Set<() => void>>();
  #watcher: FSWatcher | undefined;

  /** @param pollMs - watching files is a hint only: a wait ends after this time at the latest */
  constructor(folder: string, pollMs = 1_000) {
    this.#folder = folder;
    this.#pollMs = pollMs;
  }

  /** Resolves when the container may have ended, or after the poll time. @throws `signal.reason` when it aborted */
  async next(id: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#watcher ??= this.#begin();
    const callbacks = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, callbacks);
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        callbacks.delete(settle);
        if (callbacks.size === 0) this.#waiting.delete(id);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      const timer = setTimeout(settle, this.#pollMs);
      signal.addEventListener('abort', settle, { once: true });
      callbacks.add(settle);
    });
  }

  close(): void {
    this.#watcher?.close();
  }

  #begin(): FSWatcher {
    const watcher = watch(this.#folder, { persistent: false }, (_, name) => {
      for (const wake of this.#waiting.get(name ?? '') ?? []) wake();
    });
    watcher.on('error', () => {
      // Without it the poll time alone remains.
      watcher.close();
    });
    return watcher;
  }
}
