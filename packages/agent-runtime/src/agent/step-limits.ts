/**
 * How long each step of a task's life may take, and how steps are tried again. The figures are those of Titus'
 * executor where it has one: 15 minutes of preparation, 10 of start, 2 for an address, 45 s for wiring.
 */
import { MAX_DELAY_MS, requireInteger } from './errors.ts';

/** All in milliseconds unless the name says otherwise. @public */
export interface StepLimits {
  readonly pullMs: number;
  /** Of each facility. */
  readonly prepareMs: number;
  readonly createMs: number;
  /** Of each facility. */
  readonly attachMs: number;
  readonly startMs: number;
  /** Of each attempt to send a signal. */
  readonly signalMs: number;
  /** From SIGKILL to the end of the container; then clean-up removes it. */
  readonly killMs: number;
  /** Of each attempt. */
  readonly removeMs: number;
  /** Of each facility and attempt. */
  readonly releaseMs: number;
  /** Of each facility and attempt. */
  readonly adoptMs: number;
  readonly listMs: number;
  readonly sweepMs: number;
  /** From the abort of a step until the task goes on without its answer. */
  readonly abortMs: number;
  /** Attempts in a row at each clean-up step, signal, adoption and sweep. */
  readonly attempts: number;
  /** Between these attempts: this, then twice as long, and so on. */
  readonly retryMs: number;
  /** Between rows of attempts: clean-up that fails, storage that refuses, a backend that does not answer. */
  readonly slowRetryMs: number;
}

export const DEFAULT_STEP_LIMITS: StepLimits = {
  pullMs: 15 * 60_000,
  prepareMs: 120_000,
  createMs: 120_000,
  attachMs: 45_000,
  startMs: 10 * 60_000,
  signalMs: 30_000,
  killMs: 30_000,
  removeMs: 120_000,
  releaseMs: 60_000,
  adoptMs: 60_000,
  listMs: 60_000,
  sweepMs: 120_000,
  abortMs: 30_000,
  attempts: 3,
  retryMs: 1_000,
  slowRetryMs: 30_000,
};

/** @throws AgentError `INVALID_OPTION` */
export function stepLimits(overrides: Partial<StepLimits> = {}): StepLimits {
  const limits = { ...DEFAULT_STEP_LIMITS, ...overrides };
  for (const [name, value] of Object.entries(limits))
    requireInteger(`limits.${name}`, value, 1, MAX_DELAY_MS);
  return limits;
}
