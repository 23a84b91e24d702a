/** Pauses, as a parameter: tests set their own. */
import { setTimeout as delay } from 'node:timers/promises';

/** Rejects with `signal.reason` when `signal` aborts. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

export const realSleep: Sleep = async (delayMs, signal) => {
  signal?.throwIfAborted();
  if (delayMs <= 0) return;
  try {
    await delay(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
