/**
 * Fenzo's BasicSchedulerTests, but for those about offers, ports and expiry, which stand with the offer pool
 * (packages/core/test/offers/fenzo-offers.test.ts).
 */
import type { FitnessCalculator } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import { type Amounts, framework, offer, placed, serviceWithOffers, tasks } from './set-up.ts';

const HOST: Amounts = { cpu: 4, memory: 100, network: 1024, disk: 1000, ports: [[1, 10]] };

function host() {
  const parts = framework();
  parts.pool.add([offer('offer-1', 'host', HOST)], 0);
  return parts;
}

describe('BasicSchedulerTests', () => {
  test('BasicSchedulerTests.testInsufficientCPUs: five cores do not fit on four, and one is said to be missing', () => {
    const { launch } = host();
    const { placements, failures } = launch(tasks(1, { cpu: 5 }));
    expect(placements).toEqual([]);
    expect(failures.map(({ reason }) => reason)).toEqual([
      'none of 1 agents is feasible: 1 lack cpu (nearest is short of 1)',
    ]);
  });

  test('BasicSchedulerTests.testInsufficientCPUs2: of 2 + 2 + 1 cores, four cores take the first two', () => {
    const { launch } = host();
    const { placements, failures } = launch(
      [2, 2, 1].map((cpu, i) => ({ id: `task-${i}`, resources: { cpu } })),
    );
    expect(placements.map(({ task }) => task)).toEqual(['task-0', 'task-1']);
    expect(failures.map(({ task }) => task)).toEqual(['task-2']);
  });

  test('BasicSchedulerTests.testInsufficientMemory: of three tasks with 95 MiB, 100 MiB take one', () => {
    expect(host().launch(tasks(3, { cpu: 1, memory: 95 })).placements).toHaveLength(1);
  });

  test('BasicSchedulerTests.testInsufficientNetworkMbps: of three tasks with 512 Mbps, 1024 Mbps take two', () => {
    expect(host().launch(tasks(3, { cpu: 1, network: 512 })).placements).toHaveLength(2);
  });

  test('BasicSchedulerTests.testInsufficientDisk: of three tasks with 800 MiB, 1000 MiB of disk take one', () => {
    expect(host().launch(tasks(3, { cpu: 1, disk: 800 })).placements).toHaveLength(1);
  });

  test('BasicSchedulerTests.testTaskTrackerState1: a calculator sees the tasks placed so far in this call and those that run', () => {
    const names = ['task-0', 'task-1', 'task-2', 'task-3'];
    const seen: { readonly there: string[]; readonly starting: number }[] = [];
    const watcher: FitnessCalculator = {
      name: 'watcher',
      bind(cluster) {
        const counts = names.map((name) => cluster.selectedTasks({ matchLabels: { name } }));
        return {
          prepare: () => {
            const starting = cluster.startingCount.reduce((sum, one) => sum + one, 0);
            seen.push({ there: names.filter((_, i) => counts[i].total > 0), starting });
          },
          scoreInto: (_rows, count, scores) => void scores.fill(0, 0, count),
        };
      },
    };
    const { scheduler, pool, launch } = framework({}, { fitness: watcher });
    pool.add([offer('offer-1', 'a', HOST), offer('offer-2', 'b', HOST)], 0);
    const named = tasks(4).map((task) => ({ ...task, labels: { name: task.id } }));
    launch(named.slice(0, 2));
    scheduler.start('task-0');
    pool.add([offer('offer-3', 'a', { cpu: 2 })], 0);
    launch(named.slice(2));
    expect(seen).toEqual([
      { there: [], starting: 0 },
      { there: ['task-0'], starting: 1 },
      { there: ['task-0', 'task-1'], starting: 1 },
      { there: ['task-0', 'task-1', 'task-2'], starting: 2 },
    ]);
  });

  test('BasicSchedulerTests.testTaskBatchSize: of five tasks a batch of 2 places two per cycle; the queue keeps the rest, which have not failed', () => {
    const { service, queue, submit } = serviceWithOffers({ batchSize: 2 });
    service.addOffers([offer('offer-1', 'a', { cpu: 2 }), offer('offer-2', 'b', { cpu: 3 })]);
    submit(tasks(5));
    expect(placed(service.runCycle())).toEqual(['task-0', 'task-1']);
    expect(queue.entries('queued').map(({ failures }) => failures)).toEqual([0, 0, 0]);
    expect(placed(service.runCycle())).toEqual(['task-2', 'task-3']);
    service.addOffers([offer('rest', 'b', { cpu: 1 })]);
    expect([placed(service.runCycle()), placed(service.runCycle())]).toEqual([['task-4'], []]);
  });
});
