/**
 * Fenzo's bundled fitness calculators under its names (BinPackingFitnessCalculators, SpreadingFitnessCalculators,
 * DefaultFitnessCalculator), for the resources `cpu`, `memory` and `network`. All are `binPacking` and `spreading` with
 * resources filled in: they rank as Fenzo's do, but compare exactly, never refuse an agent because it would score 0
 * (a spreader can fill an agent, a packer takes a task that asks for nothing), and read columns where Fenzo sums up
 * the tasks of an agent.
 */
import type { FitnessCalculator } from '@stowage/core';
import { binPacking } from '../bin-packing.ts';
import { spreading } from '../spreading.ts';

/** The agent with the greatest share of CPU in use. @public */
export function cpuBinPacker(): FitnessCalculator {
  return binPacking('cpu');
}

/** The agent with the greatest share of memory in use. @public */
export function memoryBinPacker(): FitnessCalculator {
  return binPacking('memory');
}

/** The agent with the greatest share of network bandwidth in use. @public */
export function networkBinPacker(): FitnessCalculator {
  return binPacking('network');
}

/** The agent with the greatest mean share of CPU and memory in use. @public */
export function cpuMemBinPacker(): FitnessCalculator {
  return binPacking('cpu', 'memory');
}

/** The agent with the greatest mean share of CPU, memory and network bandwidth in use. @public */
export function cpuMemNetworkBinPacker(): FitnessCalculator {
  return binPacking('cpu', 'memory', 'network');
}

/** The agent with the smallest share of CPU in use. @public */
export function cpuSpreader(): FitnessCalculator {
  return spreading('cpu');
}

/** The agent with the smallest share of memory in use. @public */
export function memorySpreader(): FitnessCalculator {
  return spreading('memory');
}

/** The agent with the smallest share of network bandwidth in use. @public */
export function networkSpreader(): FitnessCalculator {
  return spreading('network');
}

/** The agent with the smallest mean share of CPU and memory in use. @public */
export function cpuMemSpreader(): FitnessCalculator {
  return spreading('cpu', 'memory');
}

/** The agent with the smallest mean share of CPU, memory and network bandwidth in use. @public */
export function cpuMemNetworkSpreader(): FitnessCalculator {
  return spreading('cpu', 'memory', 'network');
}

/** Every agent alike, at the top of the range: the lowest row wins. @public */
export function defaultFitness(): FitnessCalculator {
  return {
    name: 'default fitness',
    key: 'defaultFitness',
    dependsOn: 'attributes',
    range: [0, 1],
    bind: () => ({ scoreInto: (_rows, count, scores) => void scores.fill(1, 0, count) }),
  };
}
