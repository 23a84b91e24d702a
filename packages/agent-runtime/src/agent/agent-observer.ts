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

/** Passes on to observers, one after the other, and survives their mistakes. */
export function safeObserver(...observers: readonly AgentObserver[]): Required<AgentObserver> {
  const safely =
    <K extends keyof AgentObserver>(name: K) =>
    (...args: Parameters<Required<AgentObserver>[K]>): void => {
      for (const observer of observers) {
        try {
          const callback = observer[name] as ((...given: typeof args) => void) | undefined;
          callback?.apply(observer, args);
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error), 'AgentObserverWarning');
        }
      }
    };
  return {
    stepFinished: safely('stepFinished'),
    said: safely('said'),
    adopted: safely('adopted'),
    cleanUpFailed: safely('cleanUpFailed'),
    reaped: safely('reaped'),
    troubled: safely('troubled'),
    orphansHeld: safely('orphansHeld'),
    fenced: safely('fenced'),
    unfenced: safely('unfenced'),
  };
}
