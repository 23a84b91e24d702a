/**
 * Runs health checks and decides whether the host may take tasks. A fence comes after several failures in a row and
 * goes after several successes in a row, so that one lost packet does not send tasks away and a broken host does not
 * flicker. A check that has never succeeded fences at its first failure: there is no good past to lean on.
 * A fence stops new tasks only; nothing here ends a task.
 */
import { AgentError } from '@stowage/protocol';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type HealthCheck, reasonOf } from './health-check.ts';

/** A check with its rhythm. @public */
export interface WatchedCheck {
  readonly check: HealthCheck;
  /** From the end of one run to the start of the next. Default 30,000 ms. */
  readonly intervalMs?: number;
  /** A run that takes longer has failed. Default 10,000 ms. */
  readonly timeoutMs?: number;
  /** Failures in a row until the fence; `never`: the check only degrades. Default 3. */
  readonly failuresToFence?: number | 'never';
  /** Successes in a row until its fence is lifted. Default 2. */
  readonly successesToLift?: number;
}

/** `degraded`: something fails, but the host takes tasks. @public */
export type HealthState = 'healthy' | 'degraded' | 'fenced';

/** @public */
export interface HealthReason {
  readonly check: string;
  /** What it said last when it failed. */
  readonly message: string;
  /** First of the failures that led here, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Whether this one holds the fence. */
  readonly fences: boolean;
}

/** @public */
export interface HealthReport {
  readonly state: HealthState;
  /** When this state began, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** In the order of the checks; none when healthy. */
  readonly reasons: readonly HealthReason[];
}

/** @public */
export interface HealthMonitorOptions {
  readonly checks: readonly WatchedCheck[];
  readonly clock?: Clock;
  /** Called whenever the state has changed or other checks fail than before; must not throw. */
  readonly onChange?: (report: HealthReport) => void;
}

interface Watch {
  readonly check: HealthCheck;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failuresToFence: number;
  readonly successesToLift: number;
  failures: number;
  successes: number;
  succeededOnce: boolean;
  fences: boolean;
  message: string;
  sinceMs: number | undefined;
  /** The run that has not ended, be it in time or not. */
  running: AbortController | undefined;
  cancelTimer: () => void;
}

/** @public */
export class HealthMonitor {
  readonly #clock: Clock;
  readonly #onChange: (report: HealthReport) => void;
  readonly #watches: readonly Watch[];
  #state: HealthState = 'healthy';
  #failing = '';
  #sinceMs: number;
  #closed = false;
  #started: Promise<void> | undefined;

  /** @throws AgentError `INVALID_OPTION` when names are not unique or a number is out of range */
  constructor({ checks, clock = SYSTEM_CLOCK, onChange = () => undefined }: HealthMonitorOptions) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#sinceMs = clock.wallMs();
    this.#watches = checks.map(watchOf);
    const names = checks.map(({ check }) => check.name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw invalid(`two health checks are named ${twice}; names must differ`);
  }

  /** Begins to check. Resolves when each check has run once or was too slow. Later calls change nothing. */
  start(): Promise<void> {
    this.#started ??= Promise.all(
      this.#watches.map((watch) => new Promise<void>((resolve) => this.#run(watch, resolve))),
    ).then(() => undefined);
    return this.#started;
  }

  report(): HealthReport {
    const reasons = this.#watches
      .filter(({ sinceMs }) => sinceMs !== undefined)
      .map(({ check, message, sinceMs, fences }) => ({
        check: check.name,
        message,
        sinceMs: sinceMs!,
        fences,
      }));
    return { state: this.#state, sinceMs: this.#sinceMs, reasons };
  }

  /** Ends all timers and aborts the checks that run. The last report stays. */
  close(): void {
    this.#closed = true;
    for (const { cancelTimer, running } of this.#watches) {
      cancelTimer();
      running?.abort(new Error('The health monitor was closed.'));
    }
  }

  #run(watch: Watch, done: () => void = () => undefined): void {
    const finish = (failure: string | undefined): void => {
      watch.cancelTimer();
      if (!this.#closed) {
        watch.cancelTimer = this.#clock.schedule(watch.intervalMs, () => this.#run(watch));
        this.#record(watch, failure);
      }
      done();
    };
    if (watch.running !== undefined) {
      finish('its last run has not ended yet');
      return;
    }
    const controller = new AbortController();
    watch.running = controller;
    let isOpen = true;
    const finishOnce = (failure: string | undefined): void => {
      if (isOpen) finish(failure);
      isOpen = false;
    };
    watch.cancelTimer = this.#clock.schedule(watch.timeoutMs, () => {
      finishOnce(`no answer within ${watch.timeoutMs} ms`);
      controller.abort(new Error(`The health check ${watch.check.name} took too long.`));
    });
    void outcome(watch.check, controller.signal).then((failure) => {
      watch.running = undefined;
      finishOnce(failure);
    });
  }

  #record(watch: Watch, failure: string | undefined): void {
    if (failure === undefined) {
      watch.failures = 0;
      watch.successes += 1;
      watch.succeededOnce = true;
      if (!watch.fences || watch.successes >= watch.successesToLift) {
        watch.fences = false;
        watch.sinceMs = undefined;
      }
    } else {
      watch.successes = 0;
      watch.failures += 1;
      watch.message = failure;
      watch.sinceMs ??= this.#clock.wallMs();
      const mayFence = watch.failuresToFence !== Infinity;
      if (watch.failures >= watch.failuresToFence || (mayFence && !watch.succeededOnce)) watch.fences = true;
    }
    this.#update();
  }

  #update(): void {
    const state = this.#watches.some(({ fences }) => fences)
      ? 'fenced'
      : this.#watches.some(({ sinceMs }) => sinceMs !== undefined)
        ? 'degraded'
        : 'healthy';
    if (state !== this.#state) this.#sinceMs = this.#clock.wallMs();
    this.#state = state;
    const report = this.report();
    const failing = report.reasons.map(({ check, fences }) => `${check} ${fences}`).join('\n');
    if (failing === this.#failing) return;
    this.#failing = failing;
    this.#onChange(report);
  }
}

/** Undefined after success; never rejects. */
async function outcome(check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
  try {
    await check.run(signal);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function watchOf(watched: WatchedCheck): Watch {
  const {
    check,
    intervalMs = 30_000,
    timeoutMs = 10_000,
    failuresToFence = 3,
    successesToLift = 2,
  } = watched;
  const bounds = { intervalMs, timeoutMs, successesToLift };
  for (const [name, value] of Object.entries(bounds)) {
    if (!(value > 0)) throw invalid(`${check.name}: ${name} must be above 0, not ${value}`);
  }
  if (failuresToFence !== 'never' && !(failuresToFence > 0))
    throw invalid(`${check.name}: failuresToFence must be above 0 or 'never', not ${failuresToFence}`);
  return {
    check,
    intervalMs,
    timeoutMs,
    failuresToFence: failuresToFence === 'never' ? Infinity : failuresToFence,
    successesToLift,
    failures: 0,
    successes: 0,
    succeededOnce: false,
    fences: false,
    message: '',
    sinceMs: undefined,
    running: undefined,
    cancelTimer: () => undefined,
  };
}

function invalid(what: string): AgentError {
  return new AgentError('INVALID_OPTION', `Health cannot be watched: ${what}.`);
}
