/**
 * One call to a backend or facility, bounded in time. The caller gets an answer soon after the limit or an abort, even
 * from a call that ignores its signal; such a straggler is handed to `onStraggler`, because its effect may still come.
 */
import type { Clock } from '../host/clock.ts';
import { ChildAbort } from '../host/abort.ts';
import { StepTimeoutError } from './errors.ts';
import { sleep } from '../host/sleep.ts';

export interface Step<T> {
  readonly name: string;
  readonly limitMs: number;
  /** After an abort. 0: a call without a signal, which is given up at once. */
  readonly abortMs: number;
  readonly signal: AbortSignal;
  readonly action: (signal: AbortSignal) => Promise<T>;
  readonly onStraggler?: (call: Promise<void>) => void;
}

/** @throws what the action throws; the reason of `signal`; `StepTimeoutError` */
export async function runStep<T>(clock: Clock, step: Step<T>): Promise<T> {
  const { name, limitMs, abortMs, signal, action, onStraggler } = step;
  signal.throwIfAborted();
  const own = new ChildAbort(signal);
  const cancelLimit = clock.schedule(limitMs, () => own.abort(new StepTimeoutError(name, limitMs)));
  let cancelAbandon: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const call = Promise.resolve().then(() => action(own.signal));
      const giveUp = (): void => {
        onStraggler?.(call.then(ignore, ignore));
        reject(own.signal.reason as Error);
      };
      own.signal.addEventListener('abort', () => {
        if (abortMs === 0) giveUp();
        else cancelAbandon = clock.schedule(abortMs, giveUp);
      });
      // What an aborted call says no longer counts: its answer may be the abort itself.
      call.then(
        (value) => (own.signal.aborted ? reject(own.signal.reason as Error) : resolve(value)),
        (error: unknown) => reject((own.signal.aborted ? own.signal.reason : error) as Error),
      );
    });
  } finally {
    own.dispose();
    cancelLimit();
    cancelAbandon?.();
  }
}

function ignore(): void {
  // Whoever gave the call up has its reason; only the moment counts.
}

export interface Retry {
  readonly attempts: number;
  /** After the first failure; doubles with each further one. */
  readonly retryMs: number;
  readonly signal: AbortSignal;
}

/** @throws the error of the last attempt; the reason of `signal` */
export async function retried<T>(clock: Clock, retry: Retry, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      retry.signal.throwIfAborted();
      if (failures >= retry.attempts) throw error;
    }
    await sleep(clock, retry.retryMs * 2 ** (failures - 1), retry.signal);
  }
}
