/**
 * What the address pool needs of a virtual private cloud. The vocabulary is that of core's two-level resources: an
 * interface is a slot, its security groups are the label, its addresses are the units.
 *
 * Two drivers: `local`, a whole VPC made of namespaces on this host, and `aws`, elastic network interfaces of EC2.
 */

import type { SecurityGroup } from './security-groups.ts';

export interface VpcSubnet {
  readonly id: string;
  /** As `10.1.0.0/20`. */
  readonly cidr: string;
  readonly gateway: string;
}

/** An interface as the cloud knows it now. */
export interface VpcInterface {
  readonly id: string;
  /** Slot on this agent, from 1: index 0 is the host's own interface, and no driver shows it. */
  readonly index: number;
  readonly macAddress: string;
  readonly subnet: VpcSubnet;
  /** Ids, sorted, at least one. */
  readonly securityGroups: readonly string[];
  /** The first is the primary one, which cannot be given back; tasks may use all. */
  readonly addresses: readonly string[];
}

export interface VpcLimits {
  /** Slots for interfaces that tasks may use. */
  readonly interfaces: number;
  readonly addressesPerInterface: number;
  /** Of the whole host in each direction, in 10^6 bits a second. */
  readonly networkMbps: number;
}

/** All tasks of this host that have the same security groups. */
export interface GroupHolders {
  /** Ids, sorted. */
  readonly securityGroups: readonly string[];
  /** Ranges of the subnets of which they have addresses. */
  readonly subnets: readonly string[];
}

/**
 * Operations may be carried out although they fail or are cut off; the pool looks again with `interfaces()`. What a
 * driver has changed may show in `interfaces()` only after a while. Addresses that a driver shows or gives can be used at
 * once by a container behind this host's router, which is open before the first call.
 */
export interface VpcDriver {
  readonly name: string;
  limits(): VpcLimits;
  interfaces(signal: AbortSignal): Promise<readonly VpcInterface[]>;
  /** Adds an interface in a free slot with the given groups. */
  attach(index: number, securityGroups: readonly string[], signal: AbortSignal): Promise<VpcInterface>;
  /** @throws InvalidContainerError when a group does not exist */
  setSecurityGroups(
    interfaceId: string,
    securityGroups: readonly string[],
    signal: AbortSignal,
  ): Promise<void>;
  /** @returns the new addresses; fewer than `count` when the cloud gives no more */
  assignAddresses(interfaceId: string, count: number, signal: AbortSignal): Promise<readonly string[]>;
  unassignAddresses(interfaceId: string, addresses: readonly string[], signal: AbortSignal): Promise<void>;
  /**
   * Removes what operations that were cut off have left in the cloud and on this host. Called once per refresh interval.
   * @throws what could not be removed, and what else the operator should know; it is tried again at the next call
   */
  collectGarbage?(signal: AbortSignal): Promise<unknown>;
  /**
   * What the cloud's rules let pass between tasks of the same groups, whose packets it does not see. Absent in a driver
   * whose cloud has no rules of its own.
   * @returns for each holders one group, whose id is the `groupsKey` of theirs; its rules name it or ranges
   */
  rulesAmong?(holders: readonly GroupHolders[], signal: AbortSignal): Promise<readonly SecurityGroup[]>;
}
