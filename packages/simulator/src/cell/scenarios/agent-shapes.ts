/**
 * Agents that Titus ran most (2017): m4.4xlarge and r4.8xlarge. One of eight interfaces belongs to the host; each of the
 * others has 30 addresses, one of them its own.
 */
import type { CellAgentShape } from '../scenario.ts';

const INTERFACES = { slots: 7, addresses: 29 };

export const M4_4XLARGE: CellAgentShape = {
  cpu: 16,
  memoryMiB: 65_536,
  diskMiB: 400_000,
  networkMbps: 2_000,
  interfaces: INTERFACES,
};

export const R4_8XLARGE: CellAgentShape = {
  cpu: 32,
  memoryMiB: 249_856,
  diskMiB: 1_000_000,
  networkMbps: 10_000,
  interfaces: INTERFACES,
};
