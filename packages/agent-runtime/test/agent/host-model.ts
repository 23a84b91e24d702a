/**
 * A model of a host in memory: a disk, a container engine and facilities that outlive the agent. Every call of an agent
 * passes `Life.call`, where it can fail, hang, be slow, take effect and then fail, or be the last thing that the agent
 * does. What must never happen is noted in `violations`.
 */
import { setMaxListeners } from 'node:events';
import type { CommandEnd, ContainerExit } from '../../src/contract/container-backend.ts';
import type { ContainerSpec } from '../../src/contract/container-spec.ts';
import type { Clock } from '../../src/host/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

export type Fault =
  | { readonly kind: 'fail'; readonly error?: Error }
  /** Takes effect, and fails all the same. */
  | { readonly kind: 'fail-after'; readonly error?: Error }
  /** Until it is aborted, for ever without a signal. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Ignores its signal; takes effect after the delay. */
  | { readonly kind: 'deaf'; readonly delayMs: number };

export interface ModelContainer {
  readonly incarnation: number;
  state: 'created' | 'running' | 'exited';
  exit: ContainerExit | undefined;
  readonly spec: ContainerSpec | undefined;
  readonly attached: Set<string>;
}

export interface Reservation {
  readonly incarnation: number;
}

export type Temper = 'graceful' | 'stubborn';

export const NEVER = new Promise<never>(() => undefined);
export class HostModel {
  readonly clock = new VirtualClock();
  readonly disk = new Map<string, string>();
  readonly containers = new Map<string, ModelContainer>();
  readonly reservations: ReadonlyMap<string, Map<string, Reservation>>;
  readonly logs = new Set<string>();
  readonly violations: string[] = [];
  /** How often user code was let run. */
  readonly runs = new Map<string, number>();
  /** Signals that were sent and hooks that ran. */
  readonly signals: string[] = [];
  /** How the hooks of tasks end. */
  hookEnd: CommandEnd = { exitCode: 0, output: '' };
  /** How often a hook was run. */
  readonly hooks = new Map<string, number>();
  readonly waiters = new Map<string, Set<() => void>>();
  temper: Temper = 'graceful';
  /** Decides about every call by its name; undefined = it goes well. */
  fault: (name: string, taskId: string) => Fault | undefined = () => undefined;
  /** Calls in order, `name taskId`. */
  calls: string[] = [];
  /** Aborts that reached a call, `name taskId`. */
  aborts: string[] = [];
  /** Dies at the call with this number, before, within (torn) or after its effect. */
  crash: { readonly at: number; readonly when: 'before' | 'torn' | 'after' } | undefined;
  life: Life | undefined;
  #incarnations = 0;
  readonly facilityNames: readonly string[];

  constructor(facilityNames: readonly string[] = ['network', 'cpu']) {
    this.facilityNames = facilityNames;
    this.reservations = new Map(facilityNames.map((name) => [name, new Map<string, Reservation>()]));
  }

  nextIncarnation(): number {
    return ++this.#incarnations;
  }

  /** The agent's process is killed. */
  kill(): void {
    this.life?.die();
    this.life = undefined;
  }

  exit(taskId: string, exitCode: number | undefined, outOfMemory = false): boolean {
    const container = this.containers.get(taskId);
    if (container?.state !== 'running') return false;
    container.state = 'exited';
    container.exit = { ...(exitCode !== undefined && { exitCode }), outOfMemory };
    this.wake(taskId);
    return true;
  }

  /** Somebody removes the container behind the agent's back. */
  vanish(taskId: string): void {
    this.containers.delete(taskId);
    this.wake(taskId);
  }

  /** A container with nothing in a journal. */
  stray(taskId: string): void {
    const incarnation = this.nextIncarnation();
    this.containers.set(taskId, {
      incarnation,
      state: 'running',
      exit: undefined,
      spec: undefined,
      attached: new Set(),
    });
  }

  wake(taskId: string): void {
    for (const wake of this.waiters.get(taskId) ?? []) wake();
    this.waiters.delete(taskId);
  }

  /** What the host holds of a task. */
  holdings(taskId: string): readonly string[] {
    return [
      ...(this.containers.has(taskId) ? ['container'] : []),
      ...[...this.reservations].flatMap(([name, of]) => (of.has(taskId) ? [name] : [])),
    ];
  }
}

/** One process of the agent, as the host sees it. */
export class Life {
  readonly host: HostModel;
  readonly clock: Clock;
  isDead = false;

  constructor(host: HostModel) {
    this.host = host;
    this.clock = {
      wallMs: () => host.clock.wallMs(),
      monotonicMs: () => host.clock.monotonicMs(),
      schedule: (delayMs, action) =>
        host.clock.schedule(delayMs, () => {
          if (!this.isDead) action();
        }),
    };
  }

  die(): void {
    this.isDead = true;
  }

  async call<T>(
    name: string,
    taskId: string,
    signal: AbortSignal | undefined,
    effect: () => T | Promise<T>,
    torn: () => void = () => undefined,
  ): Promise<T> {
    if (this.isDead) return NEVER;
    const { host } = this;
    host.calls.push(`${name} ${taskId}`);
    const crash = host.crash?.at === host.calls.length ? host.crash.when : undefined;
    const dies = (): Promise<never> => {
      host.crash = undefined;
      host.kill();
      return NEVER;
    };
    if (crash === 'before') return dies();
    if (crash === 'torn') {
      torn();
      return dies();
    }
    const fault = host.fault(name, taskId);
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener('abort', () => host.aborts.push(`${name} ${taskId}`));
    await Promise.resolve();
    if (fault?.kind === 'fail') throw fault.error ?? new Error(`${name} fails`);
    if (fault?.kind === 'hang') return this.#until(signal, undefined);
    if (fault?.kind === 'slow') await this.#until(signal, fault.delayMs);
    if (fault?.kind === 'deaf') await this.#until(undefined, fault.delayMs);
    if (this.isDead) return NEVER;
    if (fault?.kind !== 'deaf') signal?.throwIfAborted();
    const value = await effect();
    if (crash === 'after') return dies();
    if (this.isDead) return NEVER;
    if (fault?.kind === 'fail-after') throw fault.error ?? new Error(`${name} fails after its effect`);
    return value;
  }

  #until(signal: AbortSignal | undefined, delayMs: number | undefined): Promise<never> {
    return new Promise<never>((resolve, reject) => {
      if (delayMs !== undefined) this.clock.schedule(delayMs, () => resolve(undefined as never));
      if (signal?.aborted) reject(signal.reason as Error);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}
