import { expect, test } from 'vitest';
import { serviceClusters } from '../../../src/cell/scenarios/service-clusters.ts';

test.each([1, 100, 8_000, 80_000])(
  'of %d tasks: all are there, none is empty, none too large for a job',
  (tasks) => {
    const clusters = serviceClusters({ services: 50, securityGroups: 5, tasks, burst: tasks }, 1);
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    expect(sum(clusters.map((cluster) => cluster.tasks))).toBe(tasks);
    expect(sum(clusters.map(({ burst }) => burst))).toBe(tasks);
    for (const cluster of clusters) {
      expect(cluster.tasks + cluster.burst).toBeGreaterThan(0);
      expect(cluster.tasks + cluster.burst).toBeLessThanOrEqual(1_001);
    }
    expect(new Set(clusters.map(({ name }) => name)).size).toBe(clusters.length);
  },
);
