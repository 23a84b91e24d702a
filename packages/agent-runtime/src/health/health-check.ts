/**
 * One thing that must be in order for a host to take tasks. Checks are plain objects, so that a user adds checks of
 * the own site; `HealthMonitor` gives them their rhythm.
 */

/** @public */
export interface HealthCheck {
  /** Stands in reasons and metrics; unique within a monitor. */
  readonly name: string;
  /**
   * Resolves when all is in order, throws with a reason for people when not.
   * @param signal - aborts when the time is over; a check that goes on nevertheless is not called again until it ends
   */
  run(signal: AbortSignal): Promise<void>;
}

/** How a reason is told; the causes of a failed fetch are where it says what happened. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message}: ${cause.message}`
    : error.message;
}
