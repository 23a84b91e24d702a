/**
 * A cloud with limits, delays, reads that show old state, and faults before or after the effect of a call. It counts
 * what a driver must never be asked for.
 */
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import type { VpcDriver, VpcInterface, VpcLimits } from '../../src/network/vpc-driver.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type Fault = 'none' | 'before' | 'after';

export interface FakeVpcOptions {
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  /** Reads show the state of up to this long ago. */
  readonly lagMs: number;
  readonly latencyMs: number;
  /** Of the subnet; default many. */
  readonly addresses?: number;
}

export class FakeVpc implements VpcDriver {
  readonly name = 'fake';
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  /** What the next calls meet. */
  faults: Fault[] = [];
  random: () => number = () => 0;
  isInUse: (address: string) => boolean = () => false;
  readonly #clock: VirtualClock;
  readonly #options: FakeVpcOptions;
  #history: { readonly atMs: number; readonly state: readonly VpcInterface[] }[] = [{ atMs: 0, state: [] }];
  readonly #busy = new Set<string>();
  #made = 0;
  #limitErrorsAreFine = false;

  constructor(clock: VirtualClock, options: FakeVpcOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  limits(): VpcLimits {
    const { interfaces, addressesPerInterface } = this.#options;
    return { interfaces, addressesPerInterface, networkMbps: 1000 };
  }

  /** What is true, without lag. */
  get state(): readonly VpcInterface[] {
    return this.#history.at(-1)!.state;
  }

  /** After a fault the pool cannot know how much room there is. */
  forgiveLimits(): void {
    this.#limitErrorsAreFine = true;
  }

  async interfaces(signal: AbortSignal): Promise<readonly VpcInterface[]> {
    return this.#call('interfaces', signal, () => {
      const atMs = this.#clock.nowMs - Math.floor(this.random() * this.#options.lagMs);
      return this.#history.findLast((entry) => entry.atMs <= atMs)!.state;
    });
  }

  async attach(index: number, securityGroups: readonly string[], signal: AbortSignal): Promise<VpcInterface> {
    return this.#exclusive(`slot-${index}`, () =>
      this.#call('attach', signal, () => {
        this.#checkGroups(securityGroups);
        if (index < 1 || index > this.#options.interfaces || this.state.some((one) => one.index === index))
          this.#overLimit(`slot ${index} is taken`);
        const [primary] = this.#newAddresses(1);
        if (primary === undefined) throw new Error('the subnet has no address left');
        const added: VpcInterface = {
          id: `if-${(this.#made += 1)}`,
          index,
          macAddress: `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`,
          subnet: { id: 'subnet-1', cidr: '10.1.0.0/16', gateway: '10.1.0.1' },
          securityGroups: [...securityGroups].sort(),
          addresses: [primary],
        };
        this.#set([...this.state, added]);
        return added;
      }),
    );
  }

  async setSecurityGroups(id: string, securityGroups: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#exclusive(id, () =>
      this.#call('setSecurityGroups', signal, () => {
        this.#checkGroups(securityGroups);
        const target = this.#find(id);
        for (const address of target.addresses)
          if (this.isInUse(address)) this.violations.push(`groups of ${id} rewritten under ${address}`);
        this.#replace({ ...target, securityGroups: [...securityGroups].sort() });
      }),
    );
  }

  async assignAddresses(id: string, count: number, signal: AbortSignal): Promise<readonly string[]> {
    return this.#exclusive(id, () =>
      this.#call('assignAddresses', signal, () => {
        const target = this.#find(id);
        if (count < 1 || target.addresses.length + count > this.#options.addressesPerInterface)
          this.#overLimit(`${count} more addresses than ${id} can have`);
        const added = this.#newAddresses(count);
        this.#replace({ ...target, addresses: [...target.addresses, ...added] });
        return added;
      }),
    );
  }

  async unassignAddresses(id: string, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    return this.#exclusive(id, () =>
      this.#call('unassignAddresses', signal, () => {
        const target = this.#find(id);
        for (const address of addresses) {
          if (this.isInUse(address)) this.violations.push(`${address} taken from its task`);
          if (target.addresses[0] === address) this.violations.push(`primary ${address} given back`);
        }
        if (!addresses.some((address) => target.addresses.includes(address)))
          throw new Error('none of the addresses is assigned');
        this.#replace({ ...target, addresses: target.addresses.filter((one) => !addresses.includes(one)) });
      }),
    );
  }

  async #exclusive<T>(what: string, call: () => Promise<T>): Promise<T> {
    if (this.#busy.has(what)) this.violations.push(`two operations on ${what} at once`);
    this.#busy.add(what);
    try {
      return await call();
    } finally {
      this.#busy.delete(what);
    }
  }

  async #call<T>(name: string, signal: AbortSignal, effect: () => T): Promise<T> {
    this.calls.push(name);
    const fault = this.faults.shift() ?? 'none';
    const early = fault === 'before' || (signal.aborted && this.random() < 0.5);
    if (fault !== 'none') this.#limitErrorsAreFine = true;
    if (early) throw new Error(`${name} was throttled`);
    const { latencyMs } = this.#options;
    if (latencyMs > 0)
      await new Promise<void>((resolve) => {
        const end = (): void => {
          takeBack();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const takeBack = this.#clock.schedule(1 + Math.floor(this.random() * latencyMs), end);
        signal.addEventListener('abort', end, { once: true });
      });
    if (signal.aborted && this.random() < 0.5) throw new Error('cut off before');
    const result = effect();
    if (signal.aborted) throw new Error('cut off after');
    if (fault === 'after') throw new Error(`${name} got no answer`);
    return result;
  }

  #checkGroups(securityGroups: readonly string[]): void {
    if (securityGroups.includes('sg-missing')) throw new InvalidContainerError('sg-missing does not exist');
  }

  #overLimit(what: string): never {
    if (!this.#limitErrorsAreFine) this.violations.push(`limit: ${what}`);
    throw new Error(`limit exceeded: ${what}`);
  }

  /** The lowest that nobody has, so that addresses come back soon, which is the hard case. */
  #newAddresses(count: number): string[] {
    const taken = new Set(this.state.flatMap((one) => one.addresses));
    const added: string[] = [];
    for (let host = 10; host < 10 + (this.#options.addresses ?? 200) && added.length < count; host += 1)
      if (!taken.has(`10.1.0.${host}`)) added.push(`10.1.0.${host}`);
    return added;
  }

  #find(id: string): VpcInterface {
    const found = this.state.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  }

  #replace(changed: VpcInterface): void {
    this.#set(this.state.map((one) => (one.id === changed.id ? changed : one)));
  }

  #set(state: readonly VpcInterface[]): void {
    this.#history.push({ atMs: this.#clock.nowMs, state });
  }
}
