/**
 * What holds for all jobs of a manager: time-outs, paces, and whom a scale-down takes. Defaults are Titus' of 2022. They
 * are checked, because a wrong number would show long after, as a task that is killed too early or never.
 */
import { fail } from '../errors.ts';
import { countOption, durationOption, functionOption } from '../option-checks.ts';
import { spreadKeepingVictims } from './spread-keeping-victims.ts';
import type { VictimOrder } from './victim-order.ts';

/** @public */
export interface JobPolicy {
  /** Placed, and the agent has not said that it starts. Default 300,000. */
  readonly launchedTimeoutMs: number;
  /** The agent prepares it. Default 720,000 for batch, 300,000 for service. */
  readonly batchStartTimeoutMs: number;
  readonly serviceStartTimeoutMs: number;
  /** Being killed; then it is killed again. Default 600,000. */
  readonly killTimeoutMs: number;
  /** After so many kills without an end the task is given up as finished. Default 2. */
  readonly killAttempts: number;
  /** Most tasks of a job that are accepted or on their way to be started, or being killed. Default 300. */
  readonly maxNotStarted: number;
  /** A task that has been started for so long begins anew with delays and crash loops. Default 300,000. */
  readonly retryResetMs: number;
  /** Least delay of a replacement after a failure. Default 1,000. */
  readonly minRetryDelayMs: number;
  /** Delays after failures that are not the user's doing double between these. Default 1,000 and 30,000. */
  readonly systemRetryMinMs: number;
  readonly systemRetryMaxMs: number;
  /** Failures in a row, each before `retryResetMs`, from which on a chain counts as a crash loop. Default 5. */
  readonly crashLoopFailures: number;
  /** A crash loop waits at least `minRetryDelayMs · 2^(failures − crashLoopFailures + 3)`, at most this. Default 300,000. */
  readonly crashLoopMaxDelayMs: number;
  /** Default: spread-keeping. */
  readonly victimOrder: VictimOrder;
}

/** Of the counts; all else but `victimOrder` are times. */
const COUNTS: readonly string[] = [
  'killAttempts',
  'maxNotStarted',
  'crashLoopFailures',
] satisfies (keyof JobPolicy)[];

/**
 * Defaults where nothing else is said.
 * @throws StowageError INVALID_JOB_OPTION when a time is not a finite number of at least 0, a count not an integer of at
 *   least 1, `systemRetryMinMs` above `systemRetryMaxMs`, or `victimOrder` no function
 * @public
 */
export function defaultJobPolicy(overrides: Partial<JobPolicy> = {}): JobPolicy {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const policy: JobPolicy = {
    launchedTimeoutMs: 300_000,
    batchStartTimeoutMs: 720_000,
    serviceStartTimeoutMs: 300_000,
    killTimeoutMs: 600_000,
    killAttempts: 2,
    maxNotStarted: 300,
    retryResetMs: 300_000,
    minRetryDelayMs: 1_000,
    systemRetryMinMs: 1_000,
    systemRetryMaxMs: 30_000,
    crashLoopFailures: 5,
    crashLoopMaxDelayMs: 300_000,
    victimOrder: spreadKeepingVictims(),
    ...(Object.fromEntries(given) as Partial<JobPolicy>),
  };
  for (const [name, value] of Object.entries(policy)) requireValid(name, value);
  const { systemRetryMinMs, systemRetryMaxMs } = policy;
  if (systemRetryMinMs > systemRetryMaxMs) {
    fail(
      'INVALID_JOB_OPTION',
      `systemRetryMinMs is ${systemRetryMinMs}; give at most systemRetryMaxMs, ${systemRetryMaxMs}.`,
    );
  }
  return policy;
}

function requireValid(name: string, value: unknown): void {
  if (name === 'victimOrder') functionOption(value, name);
  else if (COUNTS.includes(name)) countOption(value, 1, name);
  else durationOption(value, name);
}
