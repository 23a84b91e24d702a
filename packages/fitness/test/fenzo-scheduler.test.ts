import { type FitnessCalculator, Scheduler, type TaskSpec } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  cpuBinPacker,
  cpuSpreader,
  memoryBinPacker,
  memorySpreader,
  networkBinPacker,
  networkSpreader,
} from '../src/index.ts';

interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly network: number;
}

function schedulerWith(fitness: FitnessCalculator, ...sizes: [count: number, amounts: Amounts][]): Scheduler {
  const scheduler = new Scheduler({ fitness });
  sizes.forEach(([count, amounts], size) => {
    for (let i = 0; i < count; i++) {
      scheduler.addAgent({ id: `${size}-${i}`, resources: { ...amounts } });
    }
  });
  return scheduler;
}

function tasks(count: number, amounts: Partial<Amounts>): TaskSpec[] {
  return Array.from({ length: count }, (_, i) => ({ id: `t${i}`, resources: { ...amounts } }));
}

/** Distinct agents in use, by their size. */
function usedAgents(scheduler: Scheduler): number[] {
  const counts = [0, 0];
  for (const id of scheduler.agents()) {
    if (scheduler.tasksOn(id).length > 0) counts[Number(id[0])]++;
  }
  return counts;
}

const SMALL = { cpu: 4, memory: 400, network: 400 };
const BIG = { cpu: 8, memory: 800, network: 800 };
const EQUAL = { cpu: 4, memory: 1024, network: 1024 };

describe('packing as in Fenzo', () => {
  test('BinPackingSchedulerTests.testCPUBinPacking1', () => {
    const scheduler = schedulerWith(cpuBinPacker(), [2, SMALL]);
    const [first] = scheduler.schedule([{ id: 'a', resources: { cpu: 1, memory: 10 } }]).placements;
    const [second] = scheduler.schedule([{ id: 'b', resources: { cpu: 1, memory: 10 } }]).placements;
    expect(second.agent).toBe(first.agent);
  });

  test('BinPackingSchedulerTests.testCPUBinPacking2: an agent without an offer is one that is drained', () => {
    const scheduler = schedulerWith(cpuBinPacker(), [2, SMALL]);
    const [first] = scheduler.schedule([{ id: 'a', resources: { cpu: 1, memory: 10 } }]).placements;
    scheduler.drainAgent(first.agent);
    const [second] = scheduler.schedule([{ id: 'b', resources: { cpu: 2, memory: 10 } }]).placements;
    expect(second.agent).not.toBe(first.agent);
    scheduler.drainAgent(first.agent, false);
    const [third] = scheduler.schedule([{ id: 'c', resources: { cpu: 1, memory: 10 } }]).placements;
    expect(third.agent).toBe(second.agent);
  });

  test.each([
    ['BinPackingSchedulerTests.testCPUBinPackingWithSeveralHosts', cpuBinPacker()],
    ['BinPackingSchedulerTests.testMemoryBinPackingWithSeveralHosts', memoryBinPacker()],
    ['BinPackingSchedulerTests.testNetworkBinPackingWithSeveralHosts', networkBinPacker()],
  ])('%s', (_, fitness) => {
    const scheduler = schedulerWith(fitness, [10, BIG], [10, SMALL]);
    const { placements } = scheduler.schedule(tasks(41, { cpu: 1, memory: 100, network: 100 }));
    expect(placements).toHaveLength(41);
    expect(usedAgents(scheduler)).toEqual([1, 10]);
  });

  test('BinPackingSchedulerTests.testMemoryBinPacking2', () => {
    const scheduler = schedulerWith(
      memoryBinPacker(),
      [10, { cpu: 4, memory: 800, network: 0 }],
      [10, { cpu: 8, memory: 400, network: 0 }],
    );
    expect(scheduler.schedule(tasks(41, { cpu: 1, memory: 100 })).placements).toHaveLength(41);
    expect(usedAgents(scheduler)).toEqual([1, 10]);
  });
});

describe('spreading as in Fenzo', () => {
  test.each([
    ['SpreadingSchedulerTests.testCPUBinPackingWithSeveralHosts', cpuSpreader()],
    ['SpreadingSchedulerTests.testMemoryBinPackingWithSeveralHosts', memorySpreader()],
    ['SpreadingSchedulerTests.testNetworkBinPackingWithSeveralHosts', networkSpreader()],
  ])('%s', (_, fitness) => {
    const scheduler = schedulerWith(fitness, [10, EQUAL]);
    const { placements } = scheduler.schedule(tasks(10, { cpu: 1, memory: 256, network: 256 }));
    expect(new Set(placements.map(({ agent }) => agent)).size).toBe(10);
  });

  test('differs: a spreader fills agents, where Fenzo refuses the task that would fill one', () => {
    const scheduler = schedulerWith(cpuSpreader(), [2, EQUAL]);
    expect(scheduler.schedule(tasks(9, { cpu: 1 })).placements).toHaveLength(8);
  });
});
