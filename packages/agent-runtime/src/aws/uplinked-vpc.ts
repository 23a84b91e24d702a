/**
 * The EC2 driver with links and routes on this host: an address that it shows or gives can be used at once. What fails
 * here fails the operation, so no task gets an address without routing; the pool looks again and all is repeated.
 *
 * Reads of EC2 may be old. So they only add routing, and where this run itself has brought or taken away an address,
 * that counts and not what a read says. An interface that cannot be connected is left out of what is shown, rather than
 * that it keeps the others from being used; the next `collectGarbage` tells.
 */
import { AgentError } from '@stowage/protocol';
import type { SecurityGroup } from '../network/security-groups.ts';
import type { GroupHolders, VpcDriver, VpcInterface, VpcLimits } from '../network/vpc-driver.ts';
import type { EniUplink } from './eni-uplink.ts';

/** @public */
export class UplinkedVpc implements VpcDriver {
  readonly name: string;
  readonly #driver: VpcDriver;
  readonly #uplink: EniUplink;
  readonly #interfaces: Map<string, VpcInterface> = new Map();
  /** The interface to which this run has assigned an address; undefined = taken from it. */
  readonly #places: Map<string, string | undefined> = new Map();
  /** Of the last read. */
  #failures: readonly unknown[] = [];

  constructor(driver: VpcDriver, uplink: EniUplink) {
    this.name = driver.name;
    this.#driver = driver;
    this.#uplink = uplink;
  }

  limits(): VpcLimits {
    return this.#driver.limits();
  }

  async interfaces(signal: AbortSignal): Promise<readonly VpcInterface[]> {
    const connected: VpcInterface[] = [];
    const failures: unknown[] = [];
    for (const read of await this.#driver.interfaces(signal)) {
      const shown = this.#withoutMoved(read);
      try {
        if (await this.#uplink.connectNow(shown, signal)) {
          this.#interfaces.set(shown.id, shown);
          connected.push(shown);
        } else failures.push(linkMissing(shown));
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    this.#failures = failures;
    return connected;
  }

  async attach(index: number, securityGroups: readonly string[], signal: AbortSignal): Promise<VpcInterface> {
    const attached = this.#withoutMoved(await this.#driver.attach(index, securityGroups, signal));
    this.#interfaces.set(attached.id, attached);
    await this.#uplink.connect(attached, signal);
    return attached;
  }

  setSecurityGroups(
    interfaceId: string,
    securityGroups: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    return this.#driver.setSecurityGroups(interfaceId, securityGroups, signal);
  }

  async assignAddresses(interfaceId: string, count: number, signal: AbortSignal): Promise<readonly string[]> {
    const given = await this.#driver.assignAddresses(interfaceId, count, signal);
    for (const address of given) this.#places.set(address, interfaceId);
    const known = await this.#interface(interfaceId, signal);
    await this.#uplink.connect({ ...known, addresses: [known.addresses[0], ...given] }, signal);
    return given;
  }

  async unassignAddresses(
    interfaceId: string,
    addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { index } = await this.#interface(interfaceId, signal);
    await this.#uplink.withdraw(index, addresses, signal);
    await this.#driver.unassignAddresses(interfaceId, addresses, signal);
    for (const address of addresses) this.#places.set(address, undefined);
  }

  async collectGarbage(signal: AbortSignal): Promise<void> {
    const errors = [...this.#failures];
    await this.#uplink.sweep(signal).catch((error: unknown) => errors.push(error));
    await this.#driver.collectGarbage?.(signal).catch((error: unknown) => errors.push(error));
    if (errors.length > 0)
      throw new AggregateError(errors, 'Some interfaces are not connected, or were not cleaned up.');
  }

  async rulesAmong(holders: readonly GroupHolders[], signal: AbortSignal): Promise<readonly SecurityGroup[]> {
    return (await this.#driver.rulesAmong?.(holders, signal)) ?? [];
  }

  async #interface(id: string, signal: AbortSignal): Promise<VpcInterface> {
    const known =
      this.#interfaces.get(id) ?? (await this.#driver.interfaces(signal)).find((each) => each.id === id);
    if (known === undefined)
      throw new AgentError(
        'AWS_NOT_VISIBLE',
        `EC2 does not show ${id} among the interfaces of this host. Look at the interfaces again.`,
      );
    return known;
  }

  #withoutMoved(shown: VpcInterface): VpcInterface {
    const addresses = shown.addresses.filter(
      (address, position) =>
        position === 0 || !this.#places.has(address) || this.#places.get(address) === shown.id,
    );
    return { ...shown, addresses };
  }
}

function linkMissing({ id, macAddress }: VpcInterface): AgentError {
  return new AgentError(
    'AWS_LINK_MISSING',
    `The host shows no link with the address ${macAddress} of ${id}; its addresses are not used meanwhile. ` +
      'See the kernel log, and whether another program has moved the link into a namespace.',
  );
}
