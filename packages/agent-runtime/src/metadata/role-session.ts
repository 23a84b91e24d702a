/**
 * The credentials of one task's role: assumed before the task starts, renewed while it lives, never written to disk.
 * Invariants: at most one call is in flight, two calls begin at least 10 s apart, what has expired is never handed out,
 * and a failed renewal takes nothing away while the old credentials are valid.
 * The loop wakes at least once a minute instead of sleeping for an hour, so a jump of the host's clock does not make it
 * miss an expiration. Renewal below 15 minutes with jitter follows the metadata service of Titus.
 */
import { createHash } from 'node:crypto';
import { untilAborted } from '../host/abort.ts';
import { sleep } from '../host/sleep.ts';
import { type Clock, SYSTEM_CLOCK } from '../host/clock.ts';
import { type RoleAssumer, type RoleCredentials, RoleDeniedError } from './role-assumer.ts';

export const ROLE_DURATION_SECONDS = 3_600;
const RENEW_BEFORE_MS = 15 * 60_000;
const MOST_JITTER_MS = 15_000;
const LEAST_GAP_MS = 10_000;
const MOST_GAP_MS = 60_000;
const WAKE_MS = 60_000;
const CALL_TIMEOUT_MS = 30_000;
const FIRST_TRIES = 3;

/** Credentials and since when the agent has them. */
export interface HeldCredentials extends RoleCredentials {
  readonly obtainedMs: number;
}

/** What the metadata service needs of a role. */
export interface CredentialSource {
  /**
   * Valid credentials, at once if there are any, else those of the call that is in flight.
   * @throws RoleDeniedError when the role was refused and there are no valid ones; otherwise what the last call failed with
   */
  credentials(): Promise<HeldCredentials>;
}

export interface RoleSessionOptions {
  readonly assumer: RoleAssumer;
  readonly roleArn: string;
  readonly taskId: string;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** `stowage-<taskId>` in the characters that STS takes; a long one ends in a hash, so that two tasks stay apart. */
export function roleSessionName(taskId: string): string {
  const name = `stowage-${taskId.replace(/[^\w+=,.@-]/g, '_')}`;
  if (name.length <= 64) return name;
  return `${name.slice(0, 51)}-${createHash('sha256').update(taskId).digest('hex').slice(0, 12)}`;
}

export class RoleSession implements CredentialSource {
  readonly #assumer: RoleAssumer;
  readonly #roleArn: string;
  readonly #sessionName: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #held: HeldCredentials | undefined;
  #renewAtMs = 0;
  #failure: Error | undefined;
  #failuresInRow = 0;
  /** On the monotonic clock: no call begins before. */
  #notBeforeMs = -Infinity;
  #inFlight: Promise<void> | undefined;
  #cancelWake: () => void = () => undefined;

  constructor(options: RoleSessionOptions) {
    this.#assumer = options.assumer;
    this.#roleArn = options.roleArn;
    this.#sessionName = roleSessionName(options.taskId);
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#random = options.random ?? Math.random;
  }

  /** Begins to assume and to renew, until `stop`. Further calls do nothing. */
  start(): void {
    if (this.#notBeforeMs === -Infinity) this.#wake();
  }

  /**
   * Starts, and resolves when there are credentials.
   * @throws RoleDeniedError at the first refusal; the last failure after 3 failed calls; `signal.reason`
   */
  async ready(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.start();
    while (this.#valid() === undefined) {
      if (this.#failure instanceof RoleDeniedError || this.#failuresInRow >= FIRST_TRIES)
        throw this.#failure!;
      await this.#untilChange(signal);
    }
  }

  async credentials(): Promise<HeldCredentials> {
    this.#renewIfDue();
    if (this.#valid() === undefined) await this.#inFlight;
    const held = this.#valid();
    if (held !== undefined) return held;
    throw this.#failure ?? new Error(`The credentials of ${this.#roleArn} have expired.`);
  }

  /** What the last call failed with; undefined after one that did not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Ends the renewal and forgets the credentials. */
  stop(): void {
    this.#stop.abort(new Error('The task has ended.'));
    this.#cancelWake();
    this.#held = undefined;
  }

  #valid(): HeldCredentials | undefined {
    const held = this.#held;
    return held !== undefined && held.expirationMs > this.#clock.wallMs() ? held : undefined;
  }

  #wake(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelWake();
    this.#renewIfDue();
    // Its end wakes again.
    if (this.#inFlight !== undefined) return;
    const dueMs = Math.max(
      this.#renewAtMs - this.#clock.wallMs(),
      this.#notBeforeMs - this.#clock.monotonicMs(),
      1,
    );
    this.#cancelWake = this.#clock.schedule(Math.min(WAKE_MS, dueMs), () => this.#wake());
  }

  #renewIfDue(): void {
    if (this.#inFlight !== undefined || this.#stop.signal.aborted) return;
    if (this.#clock.wallMs() < this.#renewAtMs || this.#clock.monotonicMs() < this.#notBeforeMs) return;
    this.#notBeforeMs = this.#clock.monotonicMs() + LEAST_GAP_MS;
    this.#inFlight = this.#renew().finally(() => {
      this.#inFlight = undefined;
      this.#wake();
    });
  }

  async #renew(): Promise<void> {
    try {
      const got = await this.#call();
      if (this.#stop.signal.aborted) return;
      const nowMs = this.#clock.wallMs();
      if (!(got.expirationMs > nowMs)) {
        throw new Error(
          `Credentials of ${this.#roleArn} came already expired: check the clock of this host.`,
        );
      }
      this.#held = { ...got, obtainedMs: nowMs };
      const remainingMs = got.expirationMs - nowMs;
      const jitterMs = this.#random() * Math.min(MOST_JITTER_MS, remainingMs / 4);
      this.#renewAtMs = Math.ceil(got.expirationMs - Math.min(RENEW_BEFORE_MS, remainingMs / 2) + jitterMs);
      this.#failure = undefined;
      this.#failuresInRow = 0;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      const gapMs = Math.min(LEAST_GAP_MS * 2 ** Math.min(this.#failuresInRow, 8), MOST_GAP_MS);
      this.#failuresInRow += 1;
      this.#notBeforeMs = this.#clock.monotonicMs() + Math.ceil(gapMs * (1 + this.#random() / 2));
    }
  }

  /** One call, given up after its time-out even if the assumer does not heed its signal. */
  async #call(): Promise<RoleCredentials> {
    const limit = new AbortController();
    const late = `AssumeRole of ${this.#roleArn} took longer than ${CALL_TIMEOUT_MS} ms.`;
    const cancel = this.#clock.schedule(CALL_TIMEOUT_MS, () => limit.abort(new Error(late)));
    const signal = AbortSignal.any([this.#stop.signal, limit.signal]);
    try {
      const request = {
        roleArn: this.#roleArn,
        sessionName: this.#sessionName,
        durationSeconds: ROLE_DURATION_SECONDS,
      };
      return await untilAborted(this.#assumer.assumeRole(request, signal), signal);
    } finally {
      cancel();
    }
  }

  /** Until the call in flight has ended, or else until the next one may begin. */
  async #untilChange(signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.#stop.signal]);
    if (this.#inFlight !== undefined) return untilAborted(this.#inFlight, ended);
    await sleep(this.#clock, Math.max(1, this.#notBeforeMs - this.#clock.monotonicMs()), ended);
    this.#renewIfDue();
  }
}
