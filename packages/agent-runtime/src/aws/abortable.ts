/** Leaves what is being waited for when a signal aborts; the work itself goes on. */

/**
 * @param onAbort called before the rejection
 * @throws `signal.reason` when `signal` aborts first
 */
export function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal,
  onAbort: () => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    // A signal of this call's own: many callers may share theirs, and Node warns of more than ten listeners.
    const own = AbortSignal.any([signal]);
    const leave = (): void => {
      onAbort();
      reject(signal.reason as Error);
    };
    if (own.aborted) return leave();
    own.addEventListener('abort', leave, { once: true });
    void work.then(resolve, reject).finally(() => own.removeEventListener('abort', leave));
  });
}
