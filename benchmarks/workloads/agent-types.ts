/**
 * The agents of every workload: four types interleaved, so that neighbouring rows differ, and zones that hold as
 * many agents of each type. Disk and network are such that each resource is the scarce one on some type, and all
 * totals have a small common multiple, so ratios of different types are compared exactly.
 */
import { type AgentShape, DEFAULT_RESOURCES, type ResourceDefinition } from '@stowage/core';
import type { Workload } from './workload.ts';

export interface AgentType {
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly networkMbps: number;
  readonly gpus: number;
}

const AGENT_TYPES: readonly AgentType[] = [
  { cpuMilli: 96_000, memoryMiB: 393_216, diskMiB: 2_097_152, networkMbps: 25_000, gpus: 0 },
  { cpuMilli: 96_000, memoryMiB: 786_432, diskMiB: 1_048_576, networkMbps: 25_000, gpus: 0 },
  { cpuMilli: 64_000, memoryMiB: 262_144, diskMiB: 1_048_576, networkMbps: 12_500, gpus: 0 },
  { cpuMilli: 64_000, memoryMiB: 499_712, diskMiB: 786_432, networkMbps: 25_000, gpus: 8 },
];

/** Slots of every agent in workloads with security groups: as a large virtual machine has them. */
export const INTERFACES = 8;
const ADDRESSES_PER_INTERFACE = 29;

export function agentType(row: number): AgentType {
  return AGENT_TYPES[row % AGENT_TYPES.length];
}

export function zoneOf(row: number, { zones }: Workload): number {
  return Math.floor(row / AGENT_TYPES.length) % zones;
}

export function agentShape(row: number, workload: Workload): AgentShape {
  const { cpuMilli, memoryMiB, diskMiB, networkMbps, gpus } = agentType(row);
  return {
    resources: {
      cpu: cpuMilli / 1000,
      memory: memoryMiB,
      disk: diskMiB,
      network: networkMbps,
      gpu: gpus,
      ...(workload.securityGroups > 0 && {
        interface: { slots: INTERFACES, unitsPerSlot: ADDRESSES_PER_INTERFACE },
      }),
    },
    attributes: { zone: `zone-${zoneOf(row, workload)}` },
  };
}

/** The resources that an engine needs for a workload. */
export function resourcesOf({ securityGroups }: Workload): readonly ResourceDefinition[] {
  if (securityGroups === 0) return DEFAULT_RESOURCES;
  return [...DEFAULT_RESOURCES, { name: 'interface', kind: 'set', unit: 'addresses' }];
}
