/**
 * What went wrong between the agent and the engine. `status` tells an answer of the engine (the request reached it,
 * and it refused) from a failure of the connection, after which nobody knows whether the request took effect.
 */

export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** HTTP status of the engine's answer; undefined when there was none, or one that was cut or makes no sense. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** The engine answered with this status. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof EngineError && error.status !== undefined && statuses.includes(error.status);
}

/** The connection failed, not the request. */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof EngineError && error.status === undefined;
}
