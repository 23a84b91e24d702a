import { type FitnessCalculator, PlacementEngine, SOFT_SCALE } from '@stowage/core';
import { describe, expect, test } from 'vitest';
import {
  attributeEquals,
  balanced,
  balancedHostAttribute,
  fenzoBalancedFitness,
  fenzoBalancedSoft,
  hostAttributeValue,
  uniqueAttribute,
  uniqueHost,
  uniqueHostAttribute,
} from '../src/index.ts';
import { softScores } from './soft-scores.ts';

describe("Fenzo's constraints by name", () => {
  test('are the plug-ins of this package', () => {
    expect(hostAttributeValue('zone', 'a').key).toBe(attributeEquals('zone', 'a').key);
    expect(uniqueHostAttribute().key).toBe(uniqueHost().key);
    expect(uniqueHostAttribute(undefined, 'app').key).toBe(uniqueHost('app').key);
    expect(uniqueHostAttribute('zone').key).toBe(uniqueAttribute('zone').key);
    expect(uniqueHostAttribute('zone', 'app').key).toBe(uniqueAttribute('zone', 'app').key);
    expect(balancedHostAttribute('zone', 3).key).toBe(balanced('zone', { expectedValues: 3 }).key);
    expect(balancedHostAttribute('zone', 3, 'app').key).toBe(
      balanced('zone', { expectedValues: 3, label: 'app' }).key,
    );
  });

  test.each([
    () => hostAttributeValue(null as never, 'host-1'),
    () => uniqueHostAttribute(''),
    () => uniqueHostAttribute(null as never),
    () => balancedHostAttribute('zone', undefined as never, ''),
    () => balancedHostAttribute('zone', -1),
    () => fenzoBalancedSoft(''),
    () => fenzoBalancedSoft('zone', { expectedValues: 0.5 }),
    () => fenzoBalancedFitness('zone', { label: '' }),
  ])('refuse wrong parameters: %s', (make) => {
    expect(make).toThrow('INVALID_PLUGIN');
  });
});

describe('fenzoBalancedSoft', () => {
  /** Agents in three zones and one without, and co-tasks by row. */
  function engineWith(...coTasks: number[]): PlacementEngine {
    const engine = new PlacementEngine();
    for (const zone of ['a', 'b', 'c']) engine.addAgent({ resources: {}, attributes: { zone } });
    engine.addAgent({ resources: {} });
    const web = engine.defineClass({ resources: {}, job: 'web' });
    coTasks.forEach((count, row) => {
      for (let i = 0; i < count; i++) engine.placeOn(web, row);
    });
    return engine;
  }

  const shares = (engine: PlacementEngine, expectedValues: number) =>
    softScores(engine, fenzoBalancedSoft('zone', { expectedValues }), { resources: {}, job: 'web' }).map(
      (score) => score / SOFT_SCALE,
    );
  const third = Math.floor((SOFT_SCALE * 2) / 3) / SOFT_SCALE;

  test('scores as published: one per zone 2/3 each, all in one zone 0 there and 1 elsewhere', () => {
    expect(shares(engineWith(), 3)).toEqual([1, 1, 1, 0]);
    expect(shares(engineWith(1, 1, 1), 3)).toEqual([third, third, third, 0]);
    expect(shares(engineWith(3), 3)).toEqual([0, 1, 1, 0]);
    expect(shares(engineWith(2, 1), 3)).toEqual([Math.floor(SOFT_SCALE / 3) / SOFT_SCALE, third, 1, 0]);
  });

  test('adds one to the total when only one value is used and expected', () => {
    expect(shares(engineWith(3), 1)).toEqual([0.25, 1, 1, 0]);
    expect(shares(engineWith(3), 0)).toEqual([0.25, 1, 1, 0]);
    expect(shares(engineWith(3, 1), 1)).toEqual([0.25, 0.75, 1, 0]);
  });

  test('does not count co-tasks where the attribute is missing', () => {
    expect(shares(engineWith(1, 1, 0, 5), 3)).toEqual([0.5, 0.5, 1, 0]);
  });

  test('is finer as a part of a sum', () => {
    const policy: FitnessCalculator = fenzoBalancedFitness('zone', { expectedValues: 3 });
    const [a] = softScores(engineWith(1, 1, 1), policy, { resources: {}, job: 'web' });
    expect(a).toBe(Math.floor((2 ** 44 * 2) / 3));
    expect(policy.range).toEqual([0, 2 ** 44]);
    expect(policy.key).not.toBe(fenzoBalancedSoft('zone', { expectedValues: 3 }).key);
  });
});
