/**
 * What the address pool does in the cloud: one operation per interface at a time, each tried again a few times after a
 * look at what the failed one may have done.
 */
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { Clock } from '../host/clock.ts';
import { groupsKey } from './address-assignment.ts';
import { networkError } from './errors.ts';
import type { InterfaceTable } from './interface-table.ts';
import { isDoubtful, isFree, type PoolSlot } from './pool-slot.ts';
import type { VpcDriver, VpcInterface } from './vpc-driver.ts';

export interface PoolTimes {
  readonly batch: number;
  readonly refreshIntervalMs: number;
  readonly settleMs: number;
  readonly attempts: number;
  readonly retryDelayMs: number;
}

/** Told when an operation has ended: with an error when those who waited for it must be told. */
export type OperationListener = (key: string, error?: unknown) => void;

/** Between two looks whether the cloud shows new groups. */
const POLL_MS = 1_000;

export class PoolOperations {
  readonly #driver: VpcDriver;
  readonly #table: InterfaceTable;
  readonly #clock: Clock;
  readonly #times: PoolTimes;
  readonly #ended: OperationListener;
  readonly #closing = new AbortController();
  /** The keys that new interfaces will serve, by slot index. */
  readonly #attaching = new Map<number, string>();
  /** In a row, by key. */
  readonly #failures = new Map<string, number>();

  constructor(
    driver: VpcDriver,
    table: InterfaceTable,
    clock: Clock,
    times: PoolTimes,
    ended: OperationListener,
  ) {
    this.#driver = driver;
    this.#table = table;
    this.#clock = clock;
    this.#times = times;
    this.#ended = ended;
  }

  /**
   * How many tasks with these groups the interfaces can take on which an operation is under way. What one operation
   * brings may be less; more are asked for when it has ended, rather than on another interface now.
   */
  expected(key: string): number {
    const { addressesPerInterface } = this.#driver.limits();
    const attaching = [...this.#attaching.values()].filter((other) => other === key);
    let expected = attaching.length * addressesPerInterface;
    for (const slot of this.#table.slots.values())
      if (slot.operation === key) expected += slot.capacity(addressesPerInterface);
    return expected;
  }

  /** An operation on an interface without tasks may end with one that can be used for other groups. */
  somethingMayCome(): boolean {
    const slots = [...this.#table.slots.values()];
    return this.#attaching.size > 0 || slots.some((slot) => slot.operation !== undefined && slot.used === 0);
  }

  /** @returns how much `expected` has grown by what was begun; 0 when there is nothing to begin */
  begin(key: string, securityGroups: readonly string[], missing: number): number {
    const nowMs = this.#clock.monotonicMs();
    const { addressesPerInterface } = this.#driver.limits();
    const ready = this.#table.ready().filter((slot) => !this.#attaching.has(slot.index));
    const serving = ready.filter((slot) => slot.serves(key));
    for (const slot of serving) {
      const room = addressesPerInterface - slot.addresses.size;
      if (room <= 0 || slot.exhaustedUntilMs > nowMs) continue;
      const count = Math.min(room, missing > this.#times.batch ? room : this.#times.batch);
      return this.#operate(slot, key, (signal) => this.#assign(slot, count, signal));
    }
    for (const slot of serving) {
      if (slot.count(isDoubtful) > 0) return this.#operate(slot, key, () => this.#settle());
    }
    const idle = ready.filter((slot) => slot.used === 0 && !slot.serves(key) && slot.count(isFree) > 0);
    const chosen = idle.find((slot) => groupsKey(slot.securityGroups) === key) ?? idle[0];
    if (chosen === undefined) return this.#attach(key, securityGroups);
    return this.#operate(chosen, key, (signal) => this.#rewrite(chosen, securityGroups, signal));
  }

  /** Gives back what is idle. @throws AggregateError */
  async collect(): Promise<void> {
    await this.read();
    const nowMs = this.#clock.monotonicMs();
    const returns: Promise<void>[] = [];
    for (const slot of this.#table.slots.values()) {
      slot.keepUsed(nowMs);
      if (slot.operation !== undefined) continue;
      const addresses = slot.takeBack(nowMs - 2 * this.#times.refreshIntervalMs, nowMs);
      if (addresses.length > 0) returns.push(this.#giveBack(slot, addresses));
    }
    const failures = (await Promise.allSettled(returns)).filter((result) => result.status === 'rejected');
    if (failures.length > 0)
      throw new AggregateError(
        failures.map(({ reason }) => reason as unknown),
        'Some addresses could not be given back; they are given back later.',
      );
  }

  /** Looks at the cloud, several times if need be. */
  async firstRead(): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        await this.read();
        return;
      } catch (error) {
        if (attempt >= this.#times.attempts || this.#closing.signal.aborted) throw error;
        await this.#pause(this.#times.retryDelayMs * 2 ** (attempt - 1));
      }
  }

  async read(): Promise<readonly VpcInterface[]> {
    const startedMs = this.#clock.monotonicMs();
    const shown = await this.#driver.interfaces(this.#closing.signal);
    this.#table.merge(shown, startedMs);
    return shown;
  }

  close(reason: unknown): void {
    this.#closing.abort(reason);
  }

  #operate(slot: PoolSlot, key: string, action: (signal: AbortSignal) => Promise<void>): number {
    slot.operation = key;
    void this.#run(key, action, () => (slot.operation = undefined));
    return slot.capacity(this.#driver.limits().addressesPerInterface);
  }

  #attach(key: string, securityGroups: readonly string[]): number {
    const taken = new Set([...this.#table.slots.values()].map((slot) => slot.index));
    const { interfaces, addressesPerInterface } = this.#driver.limits();
    for (let index = 1; index <= interfaces; index += 1) {
      if (taken.has(index) || this.#attaching.has(index)) continue;
      this.#attaching.set(index, key);
      const action = async (signal: AbortSignal): Promise<void> => {
        const attached = await this.#driver.attach(index, securityGroups, signal);
        this.#table.attached(attached, securityGroups, this.#clock.monotonicMs());
      };
      void this.#run(key, action, () => this.#attaching.delete(index));
      return addressesPerInterface;
    }
    return 0;
  }

  async #run(key: string, action: (signal: AbortSignal) => Promise<void>, done: () => void): Promise<void> {
    const { attempts, retryDelayMs } = this.#times;
    try {
      await action(this.#closing.signal);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      if (error instanceof InvalidContainerError || failures >= attempts) {
        this.#failures.delete(key);
        done();
        return this.#ended(key, error);
      }
      this.#failures.set(key, failures);
      await this.#lookAgain(retryDelayMs * 2 ** (failures - 1));
      done();
      return this.#ended(key);
    }
    this.#failures.delete(key);
    done();
    this.#ended(key);
  }

  /** What failed may have been carried out. */
  async #lookAgain(delayMs: number): Promise<void> {
    await this.#pause(delayMs);
    // A read that fails too teaches nothing; the next operation will tell, and its failure counts.
    if (!this.#closing.signal.aborted) await this.read().catch(() => undefined);
  }

  async #assign(slot: PoolSlot, count: number, signal: AbortSignal): Promise<void> {
    const addresses = await this.#driver.assignAddresses(slot.id, count, signal);
    const nowMs = this.#clock.monotonicMs();
    this.#table.assigned(slot, addresses, nowMs);
    if (addresses.length < count) slot.exhaustedUntilMs = nowMs + this.#times.refreshIntervalMs;
  }

  /** Waits until a read can tell which addresses there are. */
  async #settle(): Promise<void> {
    await this.#pause(this.#times.settleMs);
    await this.read();
  }

  async #rewrite(slot: PoolSlot, securityGroups: readonly string[], signal: AbortSignal): Promise<void> {
    slot.unbind();
    await this.#driver.setSecurityGroups(slot.id, securityGroups, signal);
    const key = groupsKey(securityGroups);
    const deadlineMs = this.#clock.monotonicMs() + this.#times.settleMs;
    for (;;) {
      const shown = (await this.read()).find(({ id }) => id === slot.id);
      if (shown !== undefined && groupsKey(shown.securityGroups) === key) return slot.bind(securityGroups);
      if (this.#clock.monotonicMs() >= deadlineMs)
        throw networkError(
          'SECURITY_GROUPS_NOT_SET',
          `Interface ${slot.id} does not show its new security groups after ${this.#times.settleMs} ms; try again.`,
        );
      await this.#pause(POLL_MS);
    }
  }

  async #giveBack(slot: PoolSlot, addresses: readonly string[]): Promise<void> {
    slot.operation = slot.key ?? '';
    slot.givingBack = true;
    try {
      await this.#driver.unassignAddresses(slot.id, addresses, this.#closing.signal);
      this.#table.returned(slot, addresses, this.#clock.monotonicMs());
    } finally {
      slot.operation = undefined;
      slot.givingBack = false;
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing;
      if (signal.aborted) return resolve();
      const end = (): void => {
        takeBack();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const takeBack = this.#clock.schedule(delayMs, end);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
