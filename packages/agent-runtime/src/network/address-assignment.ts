/**
 * Which address of which interface a task has. It stands in the journal of the task, so that a restarted agent reserves
 * the same address again without asking the cloud.
 */
import { isAddress } from './cidr.ts';
import { networkError } from './errors.ts';
import type { VpcSubnet } from './vpc-driver.ts';

export interface AddressAssignment {
  readonly interfaceId: string;
  readonly interfaceIndex: number;
  readonly macAddress: string;
  readonly subnet: VpcSubnet;
  readonly address: string;
  /** Sorted, without repeats. */
  readonly securityGroups: readonly string[];
}

/** The same groups in any order are one key. */
export function groupsKey(securityGroups: readonly string[]): string {
  return JSON.stringify(sortedGroups(securityGroups));
}

export function sortedGroups(securityGroups: readonly string[]): readonly string[] {
  return [...new Set(securityGroups)].sort();
}

/** @throws AgentError `INVALID_NETWORK_DATA` when the journal holds something else */
export function parseAssignment(value: unknown): AddressAssignment {
  const data = (value ?? {}) as Partial<Record<keyof AddressAssignment, unknown>>;
  const subnet = (data.subnet ?? {}) as Partial<Record<keyof VpcSubnet, unknown>>;
  const texts = [data.interfaceId, data.macAddress, subnet.id, subnet.cidr, subnet.gateway];
  const valid =
    texts.every((text) => typeof text === 'string') &&
    Number.isInteger(data.interfaceIndex) &&
    isAddress(data.address) &&
    Array.isArray(data.securityGroups) &&
    data.securityGroups.every((group) => typeof group === 'string');
  if (!valid)
    throw networkError(
      'INVALID_NETWORK_DATA',
      'The journal of the task does not say which address it has; end the task and start it anew.',
    );
  return value as AddressAssignment;
}
