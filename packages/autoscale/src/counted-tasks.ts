/**
 * Failed tasks for which agents were asked for: each counts once per retry window, because its agents need time to come.
 * After the window it counts again, in case they went to other tasks. Fenzo counts a task although nothing was asked for
 * it, and its optimising evaluator forgets none; here a task counts only when a decision was made, and every entry ends.
 */
export class CountedTasks {
  readonly #retryMs: number;
  readonly #countedAtMs = new Map<string, number>();

  constructor(retryMs: number) {
    this.#retryMs = retryMs;
  }

  /** Whether the task was counted within the window that ends now. */
  has(taskId: string, nowMs: number): boolean {
    const atMs = this.#countedAtMs.get(taskId);
    return atMs !== undefined && nowMs - atMs <= this.#retryMs;
  }

  /** Forgets what is older than the window and notes new tasks. O(tasks noted). */
  note(taskIds: Iterable<string>, nowMs: number): void {
    for (const [id, atMs] of this.#countedAtMs) {
      if (nowMs - atMs > this.#retryMs) this.#countedAtMs.delete(id);
      else if (atMs > nowMs) this.#countedAtMs.set(id, nowMs);
    }
    for (const id of taskIds) this.#countedAtMs.set(id, nowMs);
  }

  entries(): [string, number][] {
    return [...this.#countedAtMs];
  }

  restore(entries: Iterable<readonly [string, number]>): void {
    for (const [id, atMs] of entries) this.#countedAtMs.set(id, atMs);
  }
}
