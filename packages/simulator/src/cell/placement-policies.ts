/**
 * What the engine of a cell knows and prefers: the resources of agents, and Titus' two ways to rank them.
 */
import type { FitnessCalculator, ResourceDefinition, AgentShape } from '@stowage/core';
import { titusFitness } from '@stowage/fitness';
import type { CellAgentShape, PlacementPolicy } from './scenario.ts';
import { interfacesOf } from './simulated-agent.ts';

/** Cores, MiB, MiB, Mbps, devices, and network interfaces with addresses. */
export const CELL_RESOURCES: readonly ResourceDefinition[] = [
  { name: 'cpu', unitsPerWhole: 1000, unit: 'cores' },
  { name: 'memory', unit: 'MiB' },
  { name: 'disk', unit: 'MiB' },
  { name: 'network', unit: 'Mbps' },
  { name: 'gpu', unit: 'devices' },
  { name: 'eni', kind: 'set', unit: 'addresses' },
];

export function fitnessOf(policy: PlacementPolicy): FitnessCalculator {
  return titusFitness({ criticalServiceSpreading: policy === 'spreading' });
}

/** What an agent offers, as the engine and the auto-scaler take it. */
export function resourcesOf(shape: CellAgentShape): AgentShape['resources'] {
  const { slots, addresses } = interfacesOf(shape);
  return {
    cpu: shape.cpu,
    memory: shape.memoryMiB,
    disk: shape.diskMiB,
    network: shape.networkMbps,
    gpu: shape.gpu ?? 0,
    eni: { slots, unitsPerSlot: addresses },
  };
}
