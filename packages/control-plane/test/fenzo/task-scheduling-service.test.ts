/**
 * Those of Fenzo's TaskSchedulingServiceTest that are about the order of buckets and about restarts, through the whole
 * service. The others stand in ../scheduling-service.test.ts.
 */
import type { TaskSpec } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import type { ServiceTask } from '../../src/index.ts';
import { setUp } from '../service-set-up.ts';
import { RESOURCES } from './set-up.ts';

function serviceTask(id: string, bucket: string, resources: TaskSpec['resources']): ServiceTask {
  return { id, tier: 0, bucket, resources };
}

describe('TaskSchedulingServiceTest', () => {
  test('TaskSchedulingServiceTest.testOrderedAssignments: with 15, 6 and 11 cores in use, B, B, C and A follow', () => {
    const { scheduler, service } = setUp();
    scheduler.addAgent({ id: 'host', resources: { cpu: 100 } });
    service.adopt(serviceTask('a', 'A', { cpu: 15 }), 'host');
    service.adopt(serviceTask('b', 'B', { cpu: 6 }), 'host');
    service.adopt(serviceTask('c', 'C', { cpu: 11 }), 'host');
    for (const id of ['A1', 'B1', 'B2', 'C1']) service.submit(serviceTask(id, id[0], { cpu: 3 }));
    const { placements } = service.runCycle();
    expect(placements.map(({ spec }) => spec.bucket)).toEqual(['B', 'B', 'C', 'A']);
  });

  test('TaskSchedulingServiceTest.testMultiResAllocation: the bucket with the smallest dominant share comes next, be it of cpu or of memory', () => {
    const { scheduler, queue, service } = setUp({}, { resources: RESOURCES });
    scheduler.addAgent({ id: 'host', resources: { cpu: 100, memory: 1000 } });
    queue.setCapacity(0, { cpu: 100, memory: 1000 });
    for (let i = 0; i < 4; i++) service.submit(serviceTask(`cpu-${i}`, 'cpu', { cpu: 20, memory: 20 }));
    for (let i = 0; i < 8; i++) service.submit(serviceTask(`memory-${i}`, 'memory', { cpu: 1, memory: 100 }));
    const { placements } = service.runCycle();
    expect(placements.slice(0, 6).map(({ spec }) => spec.bucket)).toEqual([
      'cpu',
      'memory',
      'memory',
      'cpu',
      'memory',
      'memory',
    ]);
  });

  test('TaskSchedulingServiceTest.testLargeTasksToInitInRunningState: 1000 running tasks of uneven size are taken over, and buckets stay in order', () => {
    const { scheduler, queue, service } = setUp({}, { resources: RESOURCES });
    for (let i = 0; i < 1000; i++) {
      const id = `host-${i % 100}`;
      if (i < 100) scheduler.addAgent({ id, resources: { cpu: 700, memory: 3_000_000, disk: 100_000 } });
      const resources = {
        cpu: ((i * 37) % 64) + 0.25,
        memory: (i * 7919) % 262_144,
        disk: (i * 31) % 9973,
      };
      service.adopt(serviceTask(`run-${i}`, `bucket-${(i * i) % 53}`, resources), id);
    }
    const { buckets } = queue.status(0);
    for (const { name } of buckets) service.submit(serviceTask(`new-${name}`, name, { cpu: 0.001 }));
    const byShare = [...buckets].sort((a, b) => a.weightedShare - b.weightedShare).map(({ name }) => name);
    const { placements, failures } = service.runCycle();
    expect(placements.map(({ spec }) => spec.bucket)).toEqual(byShare);
    expect(failures).toEqual([]);
    expect([queue.verify(), scheduler.verify()]).toEqual([[], []]);
  });
});
