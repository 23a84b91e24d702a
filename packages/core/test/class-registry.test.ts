/**
 * Tasks share a class exactly when they ask for the same.
 */
import { uniqueHost } from '@stowage/constraints';
import { describe, expect, test } from 'vitest';
import { constraint, PlacementEngine, type TaskRequirements } from '../src/index.ts';
import { ClassRegistry } from '../src/tasks/class-registry.ts';

const gpu = { slots: 1, units: 1, label: 'a' };
const base: TaskRequirements = {
  resources: { cpu: 1, gpu },
  labels: { tier: 'x' },
  tolerations: [{ key: 'k' }],
};
const any = constraint('any', () => true);

function registry(): ClassRegistry {
  return new ClassRegistry(
    new PlacementEngine({ resources: [{ name: 'cpu' }, { name: 'gpu', kind: 'set' }] }),
  );
}

describe('another class for another', () => {
  test.each<Partial<TaskRequirements>>([
    { resources: { cpu: 2, gpu } },
    { resources: { cpu: 1 } },
    { resources: { cpu: 1, gpu: { ...gpu, slots: 2 } } },
    { resources: { cpu: 1, gpu: { ...gpu, units: 0 } } },
    { resources: { cpu: 1, gpu: { slots: 1, label: 'a' } } },
    { resources: { cpu: 1, gpu: { slots: 1, units: 1 } } },
    { job: 'j' },
    { labels: { tier: 'y' } },
    { opportunistic: { cpu: 1 } },
    { priority: 1 },
    { tolerations: [] },
    { tolerations: [{ key: 'l' }] },
    { tolerations: [{ value: 'k' }] },
    { tolerations: [{ key: 'k', effect: 'NoExecute' }] },
    { constraints: [any] },
    { constraints: [uniqueHost('tier')] },
    { softConstraints: [] },
    { fitness: [] },
  ])('%j', (other) => {
    const classes = registry();
    expect(classes.classFor(base)).toBe(0);
    expect(classes.classFor({ ...base, ...other })).toBe(1);
    expect(classes.classFor({ ...base, ...other })).toBe(1);
    expect(classes.classFor(base)).toBe(0);
  });
});

test('the same class for what is written in another order, or made again with the same key', () => {
  const classes = registry();
  const first = { ...base, constraints: [uniqueHost()] };
  const second = {
    constraints: [uniqueHost()],
    tolerations: [{ key: 'k' }],
    labels: { tier: 'x' },
    resources: { gpu: { label: 'a', units: 1, slots: 1 }, cpu: 1 },
  };
  expect(classes.classFor(second)).toBe(classes.classFor(first));
});
