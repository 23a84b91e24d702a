/**
 * What happens inside an agent, for metrics and logs. All callbacks are optional and called after the fact; one that
 * throws is reported as a warning of the process and disturbs no task.
 */
import type { TaskStatus } from '@stowage/protocol';

/** `resumed`: its launch goes on; `watched`: it runs or has ended meanwhile; `relaunched`: from the beginning. @public */
export type AdoptionOutcome = 'watched' | 'resumed' | 'relaunched' | 'cleaned-up' | 'lost';

/** @public */
export interface AgentObserver {
  /** A step such as `pull`, `prepare:network`, `create`, `pre-stop`, `signal:SIGTERM`, `remove`, `release:cpu`. */
  stepFinished?(taskId: string, step: string, durationMs: number, ok: boolean): void;
  /** Every status, once it is safe. */
  said?(status: TaskStatus): void;
  /** A task that was found after a restart. */
  adopted?(taskId: string, outcome: AdoptionOutcome): void;
  /** All attempts at a step of clean-up have failed. The task goes on trying. */
  cleanUpFailed?(taskId: string, step: string, error: unknown): void;
  /** A container without a journal was removed. */
  reaped?(taskId: string): void;
  /** Reading, listing, watching or writing failed and is tried again; or a hook failed, and the kill goes on. */
  troubled?(what: string, error: unknown): void;
  /** Containers without a journal are so many that the state may be at fault; none is touched until confirmed. */
  orphansHeld?(taskIds: readonly string[]): void;
  fenced?(source: string, reason: string): void;
  unfenced?(source: string): void;
}

/** Passes on to an observer and survives its mistakes. */
export function safeObserver(observer: AgentObserver): Required<AgentObserver> {
  const safely =
    <A extends unknown[]>(callback: ((...args: A) => void) | undefined) =>
    (...args: A): void => {
      try {
        callback?.apply(observer, args);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), 'AgentObserverWarning');
      }
    };
  /* eslint-disable @typescript-eslint/unbound-method -- `safely` binds each to its observer. */
  return {
    stepFinished: safely(observer.stepFinished),
    said: safely(observer.said),
    adopted: safely(observer.adopted),
    cleanUpFailed: safely(observer.cleanUpFailed),
    reaped: safely(observer.reaped),
    troubled: safely(observer.troubled),
    orphansHeld: safely(observer.orphansHeld),
    fenced: safely(observer.fenced),
    unfenced: safely(observer.unfenced),
  };
  /* eslint-enable @typescript-eslint/unbound-method */
}
